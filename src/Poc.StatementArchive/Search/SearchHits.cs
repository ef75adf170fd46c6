using System.Globalization;
using System.Text;
using Npgsql;
using Poc.Postgres;

namespace Poc.StatementArchive.Search;

/// <summary>A statement that was found, and in which renderings; version 0 is the original.</summary>
internal sealed record SearchHitRow(Guid Id, DateTimeOffset CapturedAt, IReadOnlyCollection<(string Language, int Version)> Renderings);

/// <summary>What rows must meet.</summary>
/// <param name="Wanted">A tsquery; null asks for nothing.</param>
/// <param name="Unwanted">A tsquery of which no rendering of the statement may have what it asks for.</param>
/// <param name="SaidFrom">First day, where one was asked for.</param>
/// <param name="SaidUntil">Last day.</param>
internal sealed record SearchCondition(string? Wanted, string? Unwanted, DateOnly? SaidFrom, DateOnly? SaidUntil);

/// <summary>
/// Finds the newest statements that meet a condition. What many have is found among the newest soon, by walking them; what fewer have is looked up among those recorded in the last
/// months; what few have is looked up among all and then put in order. Which of them it is shows on the way: the planner's guess for several words together is often wrong.
/// </summary>
internal static class SearchHits
{
    private const int Walk = 1_000;

    // Months, each many times the last, so that what was looked up in vain is little of what is looked up at last.
    private static readonly int[] _windows = [1, 5, 24];

    private static readonly CompositeFormat _hitsSql = CompositeFormat.Parse("""
        SELECT statement_id, captured_at, array_agg(language), array_agg(version) FROM {0}
        WHERE {1} AND ($2::date IS NULL OR said_until >= $2) AND ($3::date IS NULL OR said_from <= $3)
            AND ($4::tsquery IS NULL OR NOT EXISTS (SELECT 1 FROM search_texts o WHERE o.statement_id = c.statement_id AND o.lexemes @@ $4::tsquery))
        GROUP BY statement_id, captured_at ORDER BY captured_at DESC, statement_id DESC LIMIT $7
        """);

    private static readonly string _walkSql = HitsSql(
        "(SELECT * FROM search_texts WHERE (captured_at, statement_id) < ($5, $6) ORDER BY captured_at DESC, statement_id DESC FETCH FIRST ($8) ROWS WITH TIES) c",
        "lexemes @@ $1::tsquery");

    private static readonly string _lookUpSql = $"""
        WITH candidates AS MATERIALIZED (SELECT statement_id, captured_at, language, version, said_from, said_until FROM search_texts WHERE lexemes @@ $1::tsquery)
        {HitsSql("candidates c", "(captured_at, statement_id) < ($5, $6)")}
        """;

    private static readonly string _allSql = HitsSql("search_texts c", "$1::tsquery IS NULL AND (captured_at, statement_id) < ($5, $6)");

    private const string NewestSql = "SELECT max(captured_at) FROM search_texts WHERE (captured_at, statement_id) < ($1, $2)";

    // Each row in turn would have to be read whole, which the planner takes to cost nothing.
    private const string ByIndexSql = "SELECT set_config('enable_seqscan', 'off', true)";

    /// <summary>The newest, older than <paramref name="after"/>.</summary>
    public static async Task<IReadOnlyList<SearchHitRow>> FindAsync(Tx tx, SearchCondition condition, (DateTimeOffset CapturedAt, Guid Id)? after, int limit)
    {
        object?[] parameters =
        [
            condition.Wanted, condition.SaidFrom, condition.SaidUntil, condition.Unwanted, after?.CapturedAt ?? DateTimeOffset.MaxValue, after?.Id ?? Guid.AllBitsSet, limit,
        ];
        if (condition.Wanted is null)
        {
            return await tx.QueryAsync(_allSql, Read, parameters);
        }

        var hits = await tx.QueryAsync(_walkSql, Read, [.. parameters, Walk]);
        if (hits.Count == limit || await tx.ScalarAsync<DateTime?>(NewestSql, parameters[4], parameters[5]) is not { } newest)
        {
            return hits;
        }

        // What is in the last months only, then in the last years only: all of it is needed of what is in few texts alone.
        await tx.ExecuteAsync(ByIndexSql);
        foreach (var months in _windows)
        {
            parameters[0] = $"({condition.Wanted}) & {SearchFacets.RecordedIn(newest, months)}";
            hits = await tx.QueryAsync(_lookUpSql, Read, parameters);
            if (hits.Count == limit)
            {
                return hits;
            }
        }

        parameters[0] = condition.Wanted;
        return await tx.QueryAsync(_lookUpSql, Read, parameters);
    }

    private static string HitsSql(string rows, string condition) => string.Format(CultureInfo.InvariantCulture, _hitsSql, rows, condition);

    private static SearchHitRow Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), [.. row.GetFieldValue<string[]>(2).Zip(row.GetFieldValue<int[]>(3)).Distinct()]);
}
