using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel;
using Poc.Postgres;
using Poc.StatementArchive.Log;

namespace Poc.StatementArchive.Audits;

/// <summary>Begins an audit before its time.</summary>
public sealed class RunAudit(Database database, IdSource ids)
{
    /// <summary>The audit that was begun, or the one that runs already: there is one at a time.</summary>
    public Task<RunAuditResponse> HandleAsync(CancellationToken cancellation) => database.InTransactionAsync(async tx =>
    {
        var size = await LogReader.SignedSizeAsync(tx);
        await AuditStore.BeginAsync(tx, ids.Next(), size >= 0 ? size : throw ArchiveErrors.CheckpointPending(), LogAuditor.FirstStep);
        return new RunAuditResponse { Audit = await AuditStore.ViewAsync(tx, (await AuditStore.NewestAsync(tx))!) };
    }, cancellation);
}
