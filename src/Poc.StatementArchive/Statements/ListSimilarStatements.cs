using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.StatementArchive.Statements;

/// <summary>Finds statements whose words are much like those of another, by the trigrams of their working copies.</summary>
public sealed class ListSimilarStatements(Database database)
{
    private const double Least = 0.45;

    private const string FindSql = "SELECT statement_id FROM statements WHERE name = $1";

    // The index finds what is beyond the threshold. One rendering that is alike is enough, in whatever language.
    private const string SimilarSql = """
        SELECT s.name, max(similarity(t.words, o.words)) AS likeness
        FROM search_texts o JOIN search_texts t ON t.words % o.words AND t.statement_id <> o.statement_id JOIN statements s ON s.statement_id = t.statement_id
        WHERE o.statement_id = $1 GROUP BY s.name ORDER BY likeness DESC, s.name LIMIT 20
        """;

    private const string ThresholdSql = "SELECT set_config('pg_trgm.similarity_threshold', $1::text, true)";

    /// <summary>At most 20, likest first.</summary>
    public Task<ListSimilarStatementsResponse> HandleAsync(ListSimilarStatementsRequest request, CancellationToken cancellation)
    {
        new Violations().Name("parent", request.Parent, StatementName.Pattern).ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var id = await tx.QuerySingleOrDefaultAsync(FindSql, static row => (Guid?)row.GetGuid(0), request.Parent) ?? throw ArchiveErrors.StatementNotFound(request.Parent);
            await tx.ExecuteAsync(ThresholdSql, Least);
            return new ListSimilarStatementsResponse
            {
                Statements = { await tx.QueryAsync(SimilarSql, static row => new SimilarStatement { Name = row.GetString(0), Similarity = row.GetFloat(1) }, id) },
            };
        }, cancellation);
    }
}
