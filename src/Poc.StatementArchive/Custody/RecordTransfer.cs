using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Exports;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Custody;

/// <summary>Puts on record that a copy was handed to somebody by another way than an export.</summary>
public sealed class RecordTransfer(IdempotentWrites writes, HandoverRecorder handovers, LogAppender log, IdSource ids, TimeProvider clock)
{
    /// <summary>Answers when it is on disk.</summary>
    public Task<RecordTransferResponse> HandleAsync(RecordTransferRequest request, Caller caller, CancellationToken cancellation)
    {
        HandoverRecorder.Check(new Violations().Uuid("request_id", request.RequestId).ObjectNamed("parent", request.Parent), request.Recipient, request.Purpose).ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => RecordAsync(tx, request, caller), cancellation);
    }

    private async Task<RecordTransferResponse> RecordAsync(Tx tx, RecordTransferRequest request, Caller caller)
    {
        var (locked, at) = (await ObjectName.LockAsync(tx, request.Parent), clock.Now());
        var actor = await log.ActorAsync(tx, caller.Id);
        var index = await handovers.RecordAsync(tx, locked.Id, actor, new HandoverDocument(HandoverDocument.Transferred, ids.Next(), request.Recipient, request.Purpose), at);
        return new RecordTransferResponse
        {
            Event = new CustodyEvent
            {
                LogIndex = index,
                Kind = LogEntry.Kinds.Custody,
                Actor = caller.Id,
                At = at.ToTimestamp(),
                Handover = HandoverKind.Transferred,
                Recipient = request.Recipient,
                Purpose = request.Purpose,
            },
        };
    }
}
