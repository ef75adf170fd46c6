using Poc.Postgres;

namespace Poc.StatementArchive.Search;

/// <summary>Finds words that may stand for one that was asked for, among those that any text has.</summary>
internal static class SearchWords
{
    private const int MostLonger = 40;
    private const int MostNear = 20;
    private const int ShortestNear = 5;

    // A part in the middle of words is asked for by five letters at least: three are in half of all words.
    private const string LongerSql = """
        SELECT word FROM search_words WHERE word LIKE $1 || '%' AND word <> $1
        UNION SELECT word FROM search_words WHERE word LIKE '%' || $1 || '%' AND word <> $1 AND length($1) >= 5
        """;

    private static readonly string _mostUsedLongerSql = $"SELECT word FROM search_words JOIN ({LongerSql}) longer USING (word) ORDER BY uses DESC, word LIMIT {MostLonger}";

    private const string NearSql = """
        SELECT word FROM search_words WHERE word % $1 AND word NOT LIKE '%' || $1 || '%' ORDER BY similarity(word, $1) DESC, uses DESC, word LIMIT 200
        """;

    private const string ThresholdSql = "SELECT set_config('pg_trgm.similarity_threshold', '0.3', true)";

    /// <summary>Longer words that each is a part of, the most used first.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> LongerAsync(Tx tx, IEnumerable<string> words)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var word in words.Where(SearchRow.IsWord).Distinct(StringComparer.Ordinal))
        {
            found[word] = await tx.QueryAsync(_mostUsedLongerSql, static row => row.GetString(0), word);
        }

        return found;
    }

    /// <summary>Words that differ from each in one letter, or two where it has eight or more; the likest first.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> NearAsync(Tx tx, IEnumerable<string> words)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var word in words.Where(static word => word.Length >= ShortestNear && SearchRow.IsWord(word)).Distinct(StringComparer.Ordinal))
        {
            await tx.ExecuteAsync(ThresholdSql);
            var alike = await tx.QueryAsync(NearSql, static row => row.GetString(0), word);
            found[word] = [.. alike.Where(other => Distance(word, other) <= (word.Length < 8 ? 1 : 2)).Take(MostNear)];
        }

        return found;
    }

    /// <summary>Letters added, left out, changed or swapped with their neighbours: the optimal string alignment distance.</summary>
    internal static int Distance(string one, string other)
    {
        var (last, above, row) = (new int[other.Length + 1], Enumerable.Range(0, other.Length + 1).ToArray(), new int[other.Length + 1]);
        for (var i = 1; i <= one.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var isSame = one[i - 1] == other[j - 1];
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (isSame ? 0 : 1));
                if (i > 1 && j > 1 && !isSame && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    row[j] = Math.Min(row[j], last[j - 2] + 1);
                }
            }

            (last, above, row) = (above, row, last);
        }

        return above[other.Length];
    }
}
