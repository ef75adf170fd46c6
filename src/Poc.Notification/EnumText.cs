using System.Collections.Frozen;
using System.Reflection;
using Google.Protobuf.Reflection;

namespace Poc.Notification;

/// <summary>Names of a proto enum's values without their prefix, as the database and events have them: <c>AUDIENCE_SECTIONS</c> is <c>SECTIONS</c>.</summary>
internal static class EnumText<TEnum> where TEnum : struct, Enum
{
    private static readonly FrozenDictionary<TEnum, string> Texts = Read();
    private static readonly FrozenDictionary<string, TEnum> Values =
        Texts.ToFrozenDictionary(static pair => pair.Value, static pair => pair.Key, StringComparer.Ordinal);

    /// <exception cref="KeyNotFoundException">Not a value of the proto, which validation excludes.</exception>
    public static string Of(TEnum value) => Texts[value];

    /// <exception cref="KeyNotFoundException">Not a name of the proto, which a check constraint excludes.</exception>
    public static TEnum Parse(string text) => Values[text];

    /// <summary>The value of that name; false for a name that this version does not know, such as one of a later protocol.</summary>
    public static bool TryParse(string text, out TEnum value) => Values.TryGetValue(text, out value);

    private static FrozenDictionary<TEnum, string> Read()
    {
        var names = typeof(TEnum).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(static field => (TEnum)field.GetValue(null)!, static field => field.GetCustomAttribute<OriginalNameAttribute>()!.Name);
        // The zero value is always <PREFIX>_UNSPECIFIED (buf's rule ENUM_ZERO_VALUE_SUFFIX).
        var prefix = names[default][..^"UNSPECIFIED".Length];
        return names.ToFrozenDictionary(static pair => pair.Key, pair => pair.Value[prefix.Length..]);
    }
}
