using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;

namespace Poc.StatementArchive.Search;

/// <summary>The working copies that are searched, and the words in them. One transaction at a time changes them: the one that locked how far they are.</summary>
internal static class SearchIndex
{
    private const string LockSql = "SELECT rules, next_index FROM search_progress FOR UPDATE";

    private const string GoOnSql = "UPDATE search_progress SET rules = $1, next_index = $2";

    private const string ClearSql = "TRUNCATE search_texts, search_words";

    private const string BehindSql = "SELECT size - next_index FROM log_head, search_progress";

    private const string RemoveSql = "DELETE FROM search_texts WHERE statement_id = ANY ($1) RETURNING tsvector_to_array(lexemes)";

    private const string AddSql = """
        INSERT INTO search_texts (statement_id, captured_at, language, version, part, said_from, said_until, lexemes, likeness)
        SELECT id, at, language, version, part, said_from, said_until, lexemes::tsvector, string_to_array(likeness, ' ')::bigint[]
        FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[], $5::int[], $6::date[], $7::date[], $8::text[], $9::text[])
            AS row (id, at, language, version, part, said_from, said_until, lexemes, likeness)
        """;

    private const string CountSql = """
        INSERT INTO search_words (word, uses) SELECT * FROM unnest($1::text[], $2::bigint[])
        ON CONFLICT ON CONSTRAINT pk_search_words DO UPDATE SET uses = search_words.uses + excluded.uses
        """;

    private const string ForgetSql = "DELETE FROM search_words WHERE word = ANY ($1) AND uses <= 0";

    /// <summary>By which rules it was made, and the first entry of the log that it has not followed; locked until the transaction ends.</summary>
    public static Task<(int Rules, long NextIndex)> LockAsync(Tx tx) => tx.QuerySingleOrDefaultAsync(LockSql, static row => (row.GetInt32(0), row.GetInt64(1)));

    /// <summary>It has followed the log up to there.</summary>
    public static Task GoOnAsync(Tx tx, long nextIndex) => tx.ExecuteAsync(GoOnSql, SearchText.Rules, nextIndex);

    /// <summary>Forgets all, to begin anew.</summary>
    public static async Task ClearAsync(Tx tx)
    {
        await tx.ExecuteAsync(ClearSql);
        await GoOnAsync(tx, 0);
    }

    /// <summary>Entries of the log that it has not followed yet.</summary>
    public static Task<long> BehindAsync(Tx tx) => tx.ScalarAsync<long>(BehindSql);

    /// <summary>Takes a statement out, and the words that no other has.</summary>
    public static async Task RemoveAsync(Tx tx, Guid statementId)
    {
        await LockAsync(tx);
        await ReplaceAsync(tx, [statementId], new Dictionary<Guid, Statement>());
    }

    /// <summary>Puts statements in as they are now; those that are not given are taken out.</summary>
    public static async Task ReplaceAsync(Tx tx, IReadOnlyCollection<Guid> ids, IReadOnlyDictionary<Guid, Statement> statements)
    {
        var uses = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var lexemes in await tx.QueryAsync(RemoveSql, static row => row.GetFieldValue<string[]>(0), ids.ToArray()))
        {
            Count(lexemes.Where(SearchRow.IsWord), -1);
        }

        var rows = statements.SelectMany(static found => SearchRow.Of(found.Value).Select(row => (Id: found.Key, At: found.Value.CapturedAt.ToDateTime(), Row: row))).ToList();
        rows.ForEach(added => Count(added.Row.Words, 1));
        await tx.ExecuteAsync(
            AddSql, Column(added => added.Id), Column(added => added.At), Column(added => added.Row.Language), Column(added => added.Row.Version), Column(added => added.Row.Part),
            Column(added => added.Row.SaidFrom), Column(added => added.Row.SaidUntil), Column(added => added.Row.Lexemes), Column(added => string.Join(' ', added.Row.Likeness)));
        var changed = uses.Where(static word => word.Value != 0).ToList();
        await tx.ExecuteAsync(CountSql, changed.Select(static word => word.Key).ToArray(), changed.Select(static word => word.Value).ToArray());
        if (changed.Where(static word => word.Value < 0).Select(static word => word.Key).ToArray() is { Length: > 0 } fewer)
        {
            await tx.ExecuteAsync(ForgetSql, (object)fewer);
        }

        void Count(IEnumerable<string> words, long by)
        {
            foreach (var word in words)
            {
                uses[word] = uses.GetValueOrDefault(word) + by;
            }
        }

        T[] Column<T>(Func<(Guid Id, DateTime At, SearchRow Row), T> of) => [.. rows.Select(of)];
    }
}
