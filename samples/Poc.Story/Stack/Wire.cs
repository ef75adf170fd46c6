using System.Collections.Concurrent;
using System.Reflection;
using Google.Protobuf.Reflection;

namespace Poc.Story.Stack;

/// <summary>Names of enum values as they stand in the protos, e.g. LABEL_WITHDRAWN for OUTCOME_LABEL_WITHDRAWN.</summary>
internal static class Wire
{
    private static readonly ConcurrentDictionary<Enum, string> s_names = new();

    public static string Name<TEnum>(TEnum value) where TEnum : struct, Enum => s_names.GetOrAdd(value, static key =>
    {
        var type = key.GetType();
        var original = Original(type, key.ToString());
        // All values of an enum begin with its own name; the zero value shows which.
        var prefix = Original(type, Enum.GetName(type, 0)!)[..^"UNSPECIFIED".Length];
        return original.StartsWith(prefix, StringComparison.Ordinal) ? original[prefix.Length..] : original;
    });

    private static string Original(Type type, string name) => type.GetField(name)?.GetCustomAttribute<OriginalNameAttribute>()?.Name ?? name;
}
