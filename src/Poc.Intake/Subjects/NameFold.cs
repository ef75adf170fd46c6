using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Poc.Intake.Subjects;

/// <summary>
/// Brings spellings of one name closer together, so that they can be compared; pure. Cyrillic and Greek letters become Latin ones; differences between the usual systems of
/// transliteration (y, j and i; kh and h; x and ks; doubled letters; apostrophes for soft signs) go, as do case and diacritics. Other scripts stay as they are:
/// names in them meet through the transliterations that both sides give. For proposals to people alone: two names with the same fold may be two persons.
/// </summary>
internal static class NameFold
{
    private static readonly FrozenDictionary<char, string> _letters = new Dictionary<char, string>
    {
        ['а'] = "a", ['б'] = "b", ['в'] = "v", ['г'] = "g", ['ґ'] = "g", ['д'] = "d", ['е'] = "e", ['є'] = "ie", ['ж'] = "zh", ['з'] = "z", ['и'] = "i", ['і'] = "i",
        ['к'] = "k", ['л'] = "l", ['м'] = "m", ['н'] = "n", ['о'] = "o", ['п'] = "p", ['р'] = "r", ['с'] = "s", ['т'] = "t", ['у'] = "u", ['ф'] = "f", ['х'] = "h",
        ['ц'] = "ts", ['ч'] = "ch", ['ш'] = "sh", ['щ'] = "sh", ['ъ'] = "", ['ы'] = "i", ['ь'] = "", ['э'] = "e", ['ю'] = "iu", ['я'] = "ia", ['ј'] = "i", ['љ'] = "li",
        ['њ'] = "ni", ['ћ'] = "ch", ['ђ'] = "di", ['џ'] = "dzh", ['ә'] = "a", ['ғ'] = "g", ['қ'] = "k", ['ң'] = "n", ['ө'] = "o", ['ұ'] = "u", ['ү'] = "u", ['һ'] = "h",
        ['α'] = "a", ['β'] = "v", ['γ'] = "g", ['δ'] = "d", ['ε'] = "e", ['ζ'] = "z", ['η'] = "i", ['θ'] = "th", ['ι'] = "i", ['κ'] = "k", ['λ'] = "l", ['μ'] = "m",
        ['ν'] = "n", ['ξ'] = "ks", ['ο'] = "o", ['π'] = "p", ['ρ'] = "r", ['σ'] = "s", ['ς'] = "s", ['τ'] = "t", ['υ'] = "i", ['φ'] = "f", ['χ'] = "h", ['ψ'] = "ps", ['ω'] = "o",
        // Latin letters that do not come apart into a letter and a mark.
        ['ł'] = "l", ['đ'] = "d", ['ø'] = "o", ['ß'] = "s", ['æ'] = "ae", ['œ'] = "oe", ['ı'] = "i", ['þ'] = "th", ['ð'] = "d",
    }.ToFrozenDictionary();

    // The longer ones first.
    private static readonly (string From, string To)[] _spellings = [("shch", "sh"), ("sch", "sh"), ("kh", "h"), ("ph", "f"), ("ck", "k"), ("x", "ks"), ("w", "v"), ("y", "i"), ("j", "i"), ("ie", "e")];

    /// <summary>The name for comparison: words of lower-case letters and digits with single spaces between; empty when nothing remains.</summary>
    public static string Of(string name)
    {
        var latin = new StringBuilder(name.Length * 2);
        // Scholarly letters first, before their marks come off.
        var digraphs = name.Normalize(NormalizationForm.FormC).ToLowerInvariant().Replace("č", "ch", StringComparison.Ordinal).Replace("š", "sh", StringComparison.Ordinal).Replace("ž", "zh", StringComparison.Ordinal);
        foreach (var c in digraphs.Normalize(NormalizationForm.FormKD))
        {
            if (_letters.TryGetValue(c, out var letters))
            {
                latin.Append(letters);
            }
            else if (char.IsLetterOrDigit(c) || char.IsSurrogate(c))
            {
                latin.Append(c);
            }
            else if (!IsInsideAWord(c))
            {
                latin.Append(' ');
            }
        }

        var text = latin.ToString();
        foreach (var (from, to) in _spellings)
        {
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return string.Join(' ', WithoutDoubles(text).Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    // Marks that were letters' own, apostrophes of all kinds, joiners.
    private static bool IsInsideAWord(char c) =>
        c is '\'' or '’' or '‘' or 'ʹ' or 'ʼ' or '`' || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Format;

    private static string WithoutDoubles(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (result.Length == 0 || result[^1] != c || !char.IsAsciiLetter(c))
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }
}
