using System.Globalization;
using System.Text;
using Poc.Postgres;

namespace Poc.StatementArchive.Search;

/// <summary>
/// The working copy that is searched: case, accents, width and punctuation are folded away, so that what a person types finds what another person wrote.
/// Words are found by trigrams, which need no dictionary of their language; Chinese, Japanese and Korean, whose words are short and not spaced, by pairs of
/// characters.
/// </summary>
internal static class SearchText
{
    private const string InsertSql = "INSERT INTO search_texts (statement_id, language, version, words, bigrams) VALUES ($1, $2, $3, $4, $5)";

    // A shorter word resembles too many others.
    private const int ShortestFuzzyWord = 5;

    /// <summary>Adds a rendering's working copy.</summary>
    public static Task AddAsync(Tx tx, Guid statementId, string language, int version, string text)
    {
        var (words, bigrams) = Of(text);
        return tx.ExecuteAsync(InsertSql, statementId, language, version, words, bigrams);
    }

    /// <summary>A rendering's working copy.</summary>
    public static (string Words, string[] Bigrams) Of(string text)
    {
        var words = Fold(text);
        return (words, [.. Runs(words).Where(run => run.IsUnspaced).SelectMany(run => Bigrams(run.Text)).Distinct()]);
    }

    /// <summary>What a query asks for: each word, and each run of an unspaced script.</summary>
    public static IReadOnlyList<Term> Terms(string query)
        => [.. Runs(Fold(query)).Distinct().Select(run => new Term(run.Text, run.IsUnspaced))];

    /// <summary>Letters and digits in one form each, in lower case, with single spaces for everything else.</summary>
    internal static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (IsAccent(rune.Value))
            {
                continue;
            }

            if (IsPartOfWord(rune))
            {
                folded.Append(Rune.ToLowerInvariant(rune).ToString());
            }
            else if (folded.Length > 0 && folded[^1] != ' ')
            {
                folded.Append(' ');
            }
        }

        // Composed again: decomposed Hangul would be letters, not syllables.
        return folded.ToString().TrimEnd().Normalize(NormalizationForm.FormKC);
    }

    /// <summary>The single characters of a run and its pairs of neighbours.</summary>
    internal static IEnumerable<string> Bigrams(string run)
    {
        var characters = run.EnumerateRunes().Select(rune => rune.ToString()).ToList();
        return characters.Concat(characters.Zip(characters.Skip(1), (first, second) => first + second));
    }

    private static IEnumerable<(string Text, bool IsUnspaced)> Runs(string words)
    {
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var run = new StringBuilder();
            var unspaced = false;
            foreach (var rune in word.EnumerateRunes())
            {
                if (run.Length > 0 && IsUnspaced(rune.Value) != unspaced)
                {
                    yield return (run.ToString(), unspaced);
                    run.Clear();
                }

                unspaced = IsUnspaced(rune.Value);
                run.Append(rune.ToString());
            }

            yield return (run.ToString(), unspaced);
        }
    }

    // Marks of Indic and other scripts belong to their words.
    private static bool IsPartOfWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    // Diacritics of Latin, Greek and Cyrillic; vowel points of Hebrew; harakat of Arabic: written or left out as one pleases.
    private static bool IsAccent(int rune) => rune is (>= 0x0300 and <= 0x036F) or (>= 0x0591 and <= 0x05C7) or (>= 0x064B and <= 0x065F) or 0x0670 or 0x0640;

    // Kana, CJK ideographs, Hangul syllables.
    private static bool IsUnspaced(int rune) => rune is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF)
        or (>= 0xAC00 and <= 0xD7AF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFD);

    /// <summary>One thing a query asks for. Folded text has no characters that a LIKE pattern would read as its own.</summary>
    internal readonly record struct Term(string Text, bool IsUnspaced)
    {
        /// <summary>What a row must meet to have it, and how well it has it: 1000 for itself, less for something like it.</summary>
        /// <param name="parameters">Its own are added to these.</param>
        public (string Where, string Score) Condition(List<object?> parameters)
        {
            var pattern = Add($"%{Text}%");
            if (IsUnspaced)
            {
                // The pairs find candidates by index; the pattern sees that they follow one another.
                return ($"(bigrams @> {Add(Bigrams(Text).ToArray())}::text[] AND words LIKE {pattern})", "1000");
            }

            if (Text.EnumerateRunes().Count() < ShortestFuzzyWord)
            {
                return ($"words LIKE {pattern}", "1000");
            }

            var word = Add(Text);
            return (
                $"(words LIKE {pattern} OR {word} <% words)",
                $"(CASE WHEN words LIKE {pattern} THEN 1000 ELSE (900 * word_similarity({word}, words))::int END)");

            string Add(object value)
            {
                parameters.Add(value);
                return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
            }
        }
    }
}
