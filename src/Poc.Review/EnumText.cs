using System.Collections.Frozen;
using System.Reflection;
using Google.Protobuf.Reflection;

namespace Poc.Review;

/// <summary>Names of a proto enum's values without their prefix, as the database and events have them: <c>QUESTION_TYPE_DELIST</c> is <c>DELIST</c>.</summary>
internal static class EnumText<TEnum> where TEnum : struct, Enum
{
    private static readonly FrozenDictionary<TEnum, string> _texts = Read();
    private static readonly FrozenDictionary<string, TEnum> _values = _texts.ToFrozenDictionary(static pair => pair.Value, static pair => pair.Key,
        StringComparer.Ordinal);

    /// <exception cref="KeyNotFoundException">Not a value of the proto, which validation excludes.</exception>
    public static string Of(TEnum value) => _texts[value];

    /// <exception cref="KeyNotFoundException">Not a name of the proto, which a check constraint excludes.</exception>
    public static TEnum Parse(string text) => _values[text];

    private static FrozenDictionary<TEnum, string> Read()
    {
        var names = typeof(TEnum).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(static field => (TEnum)field.GetValue(null)!, static field => field.GetCustomAttribute<OriginalNameAttribute>()!.Name);
        // The zero value is always <PREFIX>_UNSPECIFIED (buf's rule ENUM_ZERO_VALUE_SUFFIX).
        var prefix = names[default][..^"UNSPECIFIED".Length];
        return names.ToFrozenDictionary(static pair => pair.Key, pair => pair.Value[prefix.Length..]);
    }
}
