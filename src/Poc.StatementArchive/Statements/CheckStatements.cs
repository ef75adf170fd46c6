using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.StatementArchive.Statements;

/// <summary>Says which of some names the archive does not have.</summary>
public sealed class CheckStatements(Database database)
{
    private const int MaxNames = 100;

    private const string UnknownSql = """
        SELECT wanted.name FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, place)
        WHERE NOT EXISTS (SELECT 1 FROM statements s WHERE s.name = wanted.name) GROUP BY wanted.name ORDER BY min(wanted.place)
        """;

    /// <summary>The unknown names, each once, in the order asked. What is no statement's name at all is unknown too.</summary>
    public Task<CheckStatementsResponse> HandleAsync(CheckStatementsRequest request, CancellationToken cancellation)
    {
        new Violations()
            .MaxCount("names", request.Names.Count, MaxNames)
            .Require(!request.Names.Any(name => name.Contains('\0', StringComparison.Ordinal)), "names", "must not have U+0000")
            .ThrowIfAny();
        object names = request.Names.ToArray();
        return database.ReadAsync(
            async tx => new CheckStatementsResponse { UnknownNames = { await tx.QueryAsync(UnknownSql, row => row.GetString(0), names) } }, cancellation);
    }
}
