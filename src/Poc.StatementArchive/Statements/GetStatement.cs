using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.StatementArchive.Statements;

/// <summary>Reads one statement.</summary>
public sealed class GetStatement(Database database, StoredStatements statements)
{
    /// <summary>The statement as it is now, as far as the caller may see it.</summary>
    public async Task<GetStatementResponse> HandleAsync(GetStatementRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Name("name", request.Name, StatementName.Pattern).ThrowIfAny();
        var statement = await database.ReadAsync(tx => statements.GetAsync(tx, request.Name), cancellation);
        return new GetStatementResponse { Statement = StatementView.For(caller).Of(statement) };
    }
}
