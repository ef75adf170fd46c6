using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.StatementArchive.Statements;

/// <summary>Reads one statement.</summary>
public sealed class GetStatement(Database database)
{
    private const string FindSql = "SELECT statement_id FROM statements WHERE name = $1";

    /// <summary>The statement as it is now.</summary>
    public Task<GetStatementResponse> HandleAsync(GetStatementRequest request, CancellationToken cancellation)
    {
        new Violations().Name("name", request.Name, StatementName.Pattern).ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var id = await tx.QuerySingleOrDefaultAsync(FindSql, row => (Guid?)row.GetGuid(0), request.Name)
                ?? throw ArchiveErrors.StatementNotFound(request.Name);
            return new GetStatementResponse { Statement = (await StoredStatement.ReadAsync(tx, [id]))[id] };
        }, cancellation);
    }
}
