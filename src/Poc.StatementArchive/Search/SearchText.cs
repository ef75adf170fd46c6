using System.Globalization;
using System.Text;

namespace Poc.StatementArchive.Search;

/// <summary>A word of a text, or one character of a script that does not space its words.</summary>
/// <param name="Text">Folded.</param>
/// <param name="Start">Its first UTF-16 unit in the text as it is written.</param>
/// <param name="End">One past its last.</param>
/// <param name="IsUnspaced">Whether it is such a character.</param>
/// <param name="IsJoined">Whether nothing stands between it and the token before.</param>
internal readonly record struct SearchToken(string Text, int Start, int End, bool IsUnspaced, bool IsJoined);

/// <summary>
/// Texts as search reads them: case, accents, width and punctuation are folded away, so that what a person types finds what another person wrote. Changing anything here
/// makes another <see cref="Rules"/>, by which everything is folded anew.
/// </summary>
internal static class SearchText
{
    /// <summary>Names these rules.</summary>
    public const int Rules = 2;

    // A longer word is cut, in the text and in the query alike: no lexeme has more than 2,046 bytes.
    private const int MaxWord = 200;

    private const int LongestForm = 20;

    // What each single UTF-16 unit folds to, where it stands alone: most of any text.
    private static readonly string?[] _folded = new string?[char.MaxValue + 1];

    /// <summary>The words and characters of a text, in order.</summary>
    public static List<SearchToken> Tokens(string text)
    {
        var tokens = new List<SearchToken>(text.Length / 4);
        var word = new StringBuilder();
        var (start, end) = (0, 0);
        var isJoined = false;
        for (var at = 0; at < text.Length;)
        {
            // Grapheme clusters, for what belongs together is folded together: a letter and its accents, the letters of a Hangul syllable.
            var length = IsAlone(text, at) ? 1 : StringInfo.GetNextTextElementLength(text.AsSpan(at));
            foreach (var rune in Fold(text, at, length).EnumerateRunes())
            {
                if (!IsPartOfWord(rune))
                {
                    Close();
                    isJoined = false;
                }
                else if (IsUnspaced(rune.Value))
                {
                    Close();
                    tokens.Add(new SearchToken(rune.ToString(), at, at + length, IsUnspaced: true, isJoined));
                    isJoined = true;
                }
                else
                {
                    if (word.Length == 0)
                    {
                        start = at;
                    }

                    end = at + length;
                    word.Append(rune.ToString());
                }
            }

            at += length;
        }

        Close();
        return tokens;

        void Close()
        {
            if (word.Length > 0)
            {
                var cut = word.Length > MaxWord ? word.ToString()[..(char.IsHighSurrogate(word[MaxWord - 1]) ? MaxWord - 1 : MaxWord)] : word.ToString();
                tokens.Add(new SearchToken(cut, start, end, IsUnspaced: false, isJoined));
                word.Clear();
                isJoined = true;
            }
        }
    }

    /// <summary>The text in one form, with single spaces between its words, for what is compared as a whole: a handle, a group's name.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var token in Tokens(text))
        {
            if (folded.Length > 0 && !token.IsJoined)
            {
                folded.Append(' ');
            }

            folded.Append(token.Text);
        }

        return folded.ToString();
    }

    private static bool IsAlone(string text, int at)
        => text[at] < 0x300 && (at + 1 == text.Length || text[at + 1] < 0x300) && text[at] is not '\r';

    private static string Fold(string text, int at, int length)
    {
        if (length > 1)
        {
            return length > LongestForm ? "" : FoldCluster(text.Substring(at, length)); // no word of any language: marks piled up
        }

        return _folded[text[at]] ??= FoldCluster(text[at].ToString());
    }

    private static string FoldCluster(string cluster)
    {
        var folded = new StringBuilder(cluster.Length);
        foreach (var rune in cluster.Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            // Joiners and marks of direction are not seen, and often missing.
            if (!IsAccent(rune.Value) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format)
            {
                folded.Append(OneForm(Rune.ToLowerInvariant(rune)).ToString());
            }
        }

        // Composed again: decomposed Hangul would be letters, not syllables.
        return folded.ToString().Normalize(NormalizationForm.FormKC);
    }

    // Letters that keyboards of different countries write differently.
    private static Rune OneForm(Rune letter) => letter.Value switch
    {
        0x03C2 => new Rune(0x03C3), // Greek final sigma
        0x0649 or 0x06CC => new Rune(0x064A), // Arabic alef maqsura, Persian yeh: yeh
        0x06A9 => new Rune(0x0643), // Persian kaf: kaf
        0x0131 => new Rune('i'), // Turkish dotless i, as what lower-cases I without knowing the language makes of it
        _ => letter,
    };

    // Marks of Indic and other scripts belong to their words.
    private static bool IsPartOfWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    // Diacritics of Latin, Greek and Cyrillic; vowel points of Hebrew; harakat of Arabic: written or left out as one pleases.
    private static bool IsAccent(int rune) => rune is (>= 0x0300 and <= 0x036F) or (>= 0x0591 and <= 0x05C7) or (>= 0x064B and <= 0x065F) or 0x0670 or 0x0640;

    // Thai, Lao, Tibetan, Burmese, Khmer; Kana, CJK ideographs, Hangul syllables, whose words are short and take endings.
    private static bool IsUnspaced(int rune) => rune is (>= 0x0E00 and <= 0x0EFF) or (>= 0x0F00 and <= 0x0FFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
        or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF)
        or (>= 0xAC00 and <= 0xD7AF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFD);
}
