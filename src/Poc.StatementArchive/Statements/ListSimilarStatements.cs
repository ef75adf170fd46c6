using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Search;

namespace Poc.StatementArchive.Statements;

/// <summary>Finds statements whose words are much like those of another, in any rendering of either.</summary>
public sealed class ListSimilarStatements(Database database, StoredStatements stored)
{
    private const double Least = 0.45;
    private const int Most = 20;

    private const string FindSql = "SELECT statement_id FROM statements WHERE name = $1";

    // Those that share most come first, for with the more keys in common the likelier it is that more is.
    private const string CandidatesSql = """
        WITH own AS (SELECT DISTINCT unnest(likeness) AS key FROM search_texts WHERE statement_id = $1)
        SELECT statement_id FROM search_texts t
        WHERE likeness && (SELECT array_agg(key) FROM own) AND statement_id <> $1
        GROUP BY statement_id ORDER BY max((SELECT count(*) FROM own WHERE key = ANY (t.likeness))) DESC, statement_id LIMIT 100
        """;

    /// <summary>At most 20, likest first.</summary>
    public Task<ListSimilarStatementsResponse> HandleAsync(ListSimilarStatementsRequest request, CancellationToken cancellation)
    {
        new Violations().Name("parent", request.Parent, StatementName.Pattern).ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var id = await tx.QuerySingleOrDefaultAsync(FindSql, static row => (Guid?)row.GetGuid(0), request.Parent) ?? throw ArchiveErrors.StatementNotFound(request.Parent);
            var candidates = await tx.QueryAsync(CandidatesSql, static row => row.GetGuid(0), id);
            var statements = await stored.ReadAsync(tx, [id, .. candidates]);
            var own = Texts(statements.GetValueOrDefault(id) ?? throw ArchiveErrors.StatementUnreadable(request.Parent));
            return new ListSimilarStatementsResponse
            {
                Statements =
                {
                    statements.Where(other => other.Key != id)
                        .Select(other => new SimilarStatement { Name = other.Value.Name, Similarity = Texts(other.Value).Max(text => own.Max(one => SearchLikeness.Of(one, text))) })
                        .Where(other => other.Similarity >= Least)
                        .OrderByDescending(other => other.Similarity).ThenBy(other => other.Name, StringComparer.Ordinal).Take(Most),
                },
            };
        }, cancellation);
    }

    private static IReadOnlyList<string> Texts(Statement statement) => [statement.Text, .. statement.Translations.Select(translation => translation.Text)];
}
