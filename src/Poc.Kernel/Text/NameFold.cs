using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Poc.Kernel.Text;

/// <summary>
/// Brings spellings of one name closer together, so that they can be compared; pure. Cyrillic and Greek letters become Latin ones; differences between the usual systems of
/// transliteration (y, j and i; kh and h; x and ks; doubled letters; apostrophes for soft signs) go, as do case and diacritics. Other scripts stay as they are:
/// names in them meet through the transliterations that both sides give. For proposals to people alone: two names with the same fold may be two persons.
/// </summary>
public static class NameFold
{
    // Each letter and what it becomes: Cyrillic (Belarusian, Kazakh, Russian, Serbian, Tatar, Ukrainian), Greek, and Latin letters that do not come apart into a letter and a mark.
    private static readonly FrozenDictionary<char, string> _letters =
        """
        аa бb вv гg ґg дd еe єie жzh зz иi іi кk лl мm нn оo пp рr сs тt уu фf хh цts чch шsh щsh ъ ыi ь эe юiu яia јi љli њni
        ћch ђdi џdzh әa ғg қk ңn өo ұu үu һh
        αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξks οo πp ρr σs ςs τt υi φf χh ψps ωo
        łl đd øo ßs æae œoe ıi þth ðd
        """.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenDictionary(static pair => pair[0], static pair => pair[1..]);

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
