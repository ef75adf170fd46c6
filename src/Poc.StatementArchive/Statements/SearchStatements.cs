using System.Globalization;
using System.Text;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel.Text;
using Poc.Postgres;
using Poc.StatementArchive.Retractions;
using Poc.StatementArchive.Search;

namespace Poc.StatementArchive.Statements;

/// <summary>Finds statements by words in any script, in the original or in a translation.</summary>
public sealed class SearchStatements(Database database, StoredStatements stored, PageTokens pages)
{
    private const int MaxQuery = 500;

    // One rendering must have all words; a statement is as good as its best rendering. {0} and {1} are the score and the condition of the words.
    private static readonly CompositeFormat _hitsSql = CompositeFormat.Parse("""
        SELECT statement_id, max(score) AS score FROM (SELECT statement_id, {0} AS score FROM search_texts WHERE {1}) scored GROUP BY statement_id
        """);

    private const string AllSql = "SELECT statement_id, 0 AS score FROM statements";

    private static readonly CompositeFormat _pageSql = CompositeFormat.Parse("""
        WITH hits AS ({0})
        SELECT s.statement_id, h.score, s.captured_at
        FROM hits h JOIN statements s USING (statement_id) LEFT JOIN retraction_states r USING (statement_id)
        WHERE ($1 = '' OR s.subject = $1) AND ($2 = '' OR coalesce(r.state, 'UNKNOWN') = $2)
          AND ($3::int IS NULL OR (h.score, s.captured_at, s.statement_id) < ($3, $4::timestamptz, $5::uuid))
        ORDER BY h.score DESC, s.captured_at DESC, s.statement_id DESC LIMIT $6
        """);

    /// <summary>A page, best match first, then newest capture.</summary>
    public Task<SearchStatementsResponse> HandleAsync(SearchStatementsRequest request, Caller caller, CancellationToken cancellation)
    {
        var violations = new Violations()
            .MaxLength("query", request.Query, MaxQuery)
            .Require(CodePoints.AreWellFormed(request.Query), "query", "must be well-formed Unicode")
            .Require(Enum.IsDefined(request.RetractionState), "retraction_state", "must be one of the values of the enumeration");
        if (request.Subject.Length > 0)
        {
            violations.Name("subject", request.Subject, StatementName.SubjectPattern);
        }

        violations.ThrowIfAny();
        var limit = PageSize.Coerce(request.PageSize);
        var after = pages.Read(request, request.PageToken) is { } token ? Cursor.Parse(token) : null;
        var parameters = new List<object?>
        {
            request.Subject, request.RetractionState == RetractionState.Unspecified ? "" : RetractionFold.NameOf(request.RetractionState),
            after?.Score, after?.CapturedAt, after?.Id, limit + 1,
        };
        var sql = string.Format(CultureInfo.InvariantCulture, _pageSql, HitsSql(request.Query, parameters));
        return database.ReadAsync(async tx =>
        {
            var hits = await tx.QueryAsync(sql, row => new Cursor(row.GetInt32(1), row.GetFieldValue<DateTimeOffset>(2), row.GetGuid(0)), [.. parameters]);
            var page = hits.Take(limit).ToList();
            var statements = await stored.ReadAsync(tx, page.ConvertAll(hit => hit.Id));
            var view = StatementView.For(caller);
            return new SearchStatementsResponse
            {
                Statements = { page.Where(hit => statements.ContainsKey(hit.Id)).Select(hit => view.Of(statements[hit.Id])) },
                NextPageToken = hits.Count > limit ? pages.Issue(request, page[^1].ToString()) : "",
            };
        }, cancellation);
    }

    private static string HitsSql(string query, List<object?> parameters)
    {
        if (query.Length == 0)
        {
            return AllSql;
        }

        var terms = SearchText.Terms(query);
        var conditions = terms.Select(term => term.Condition(parameters)).ToList();
        // A query of nothing but punctuation asks for no word, and finds none.
        return terms.Count == 0
            ? AllSql + " WHERE false"
            : string.Format(
                CultureInfo.InvariantCulture, _hitsSql,
                string.Join(" + ", conditions.Select(condition => condition.Score)), string.Join(" AND ", conditions.Select(condition => condition.Where)));
    }

    // Where a page ended: the score, and the order of statements with the same score.
    private sealed record Cursor(int Score, DateTimeOffset CapturedAt, Guid Id)
    {
        public static Cursor Parse(string text)
        {
            var parts = text.Split(' ');
            var capturedAt = new DateTimeOffset(long.Parse(parts[1], CultureInfo.InvariantCulture), TimeSpan.Zero);
            return new Cursor(int.Parse(parts[0], CultureInfo.InvariantCulture), capturedAt, Guid.Parse(parts[2]));
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Score} {CapturedAt.UtcTicks} {Id}");
    }
}
