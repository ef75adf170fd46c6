using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.StatementArchive.Keys;

namespace Poc.StatementArchive.Statements;

/// <summary>Archives a statement: content, log entry and event in one transaction, together with those of other callers (<see cref="StatementWriter"/>).</summary>
public sealed class RecordStatement(IdempotentWrites writes, KeyStore keys, StatementWriter writer, StoredStatements statements, IdSource ids, TimeProvider clock)
{
    private const string IsTakenSql = "SELECT EXISTS (SELECT 1 FROM statements WHERE name = $1) OR EXISTS (SELECT 1 FROM erased_objects WHERE name = $1)";

    /// <summary>Answers when everything is on disk, with the index of the entry.</summary>
    public async Task<RecordStatementResponse> HandleAsync(RecordStatementRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("parent", request.Parent, StatementName.SubjectPattern)
            .Require(StatementName.Id().IsMatch(request.StatementId), "statement_id", "must be 2 to 40 lower-case letters, digits and hyphens")
            .Statement("statement", request.Statement, StatementRules.NewestDay(clock))
            .ThrowIfAny();
        var statement = new NewStatement(request, caller, await keys.NewAsync(request.Parent, cancellation), ids, clock.Now());
        return await writer.StoreAsync(statement, cancellation) is { } stored
            ? new RecordStatementResponse { Statement = stored }
            : await writes.OnceAsync(caller, request.RequestId, request, tx => RefuseAsync(tx, statement.Name), AgainAsync, cancellation);
    }

    // What was answered before is answered again. What was not has a name that is taken, unless another replica has just given up on it.
    private static async Task<KeptAnswer<RecordStatementResponse>> RefuseAsync(Tx tx, string name)
        => throw (await tx.ScalarAsync<bool>(IsTakenSql, name) ? ArchiveErrors.StatementExists(name) : ArchiveErrors.Overloaded());

    private async Task<RecordStatementResponse> AgainAsync(Tx tx, RecordStatementResponse kept)
        => new() { Statement = await statements.GetAsync(tx, kept.Statement.Name) };
}
