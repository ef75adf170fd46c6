using System.Globalization;
using System.Text;

namespace Poc.Intake.Requests;

/// <summary>
/// Which characters a person's name may have; pure. A name is compared, searched and shown to people who decide: two that look alike must be alike, and none may
/// turn the text around it (Unicode Technical Standard 39, "Unicode security mechanisms"; bidirectional controls: Unicode Standard Annex 9).
/// </summary>
internal static class PersonName
{
    /// <summary>The rule in words, for violations.</summary>
    public const string Rule = "must not have control, bidirectional-control or zero-width characters (a joiner inside a word of a script that needs it is fine)";

    /// <summary>Whether the name has none of the characters that cannot be seen.</summary>
    public static bool IsPlain(string name)
    {
        Rune? before = null;
        for (ReadOnlySpan<char> rest = name; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            rest = rest[consumed..];
            if (IsJoiner(rune))
            {
                // Persian, Urdu and the Indic scripts spell names with joiners: inside a word of such a script, and nowhere else.
                if (before is not { } left || !UsesJoiners(left) || Rune.DecodeFromUtf16(rest, out var right, out _) != System.Buffers.OperationStatus.Done || !UsesJoiners(right))
                {
                    return false;
                }
            }
            else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned || IsInvisibleLetter(rune))
            {
                return false;
            }

            before = rune;
        }

        return true;
    }

    private static bool IsJoiner(Rune rune) => rune.Value is 0x200C or 0x200D;

    // Letters of their category that show nothing: the Hangul fillers, the Khmer inherent vowels, the combining grapheme joiner, variation selectors.
    private static bool IsInvisibleLetter(Rune rune) => rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    // Arabic, Syriac and their extensions; Devanagari to Sinhala; Myanmar; Khmer; Mongolian.
    private static bool UsesJoiners(Rune rune) =>
        rune.Value is (>= 0x0600 and <= 0x08FF) or (>= 0x0900 and <= 0x0DFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x1800 and <= 0x18AF);
}
