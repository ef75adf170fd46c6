using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.StatementArchive.Holds;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Erasures;

/// <summary>Proposes an erasure, which somebody else has to confirm.</summary>
public sealed class ProposeErasure(IdempotentWrites writes, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO erasure_proposals (proposal_id, object_id, name, reason, authority, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        """;

    /// <summary>Answers when the proposal is on disk. Nothing is erased yet.</summary>
    public Task<ProposeErasureResponse> HandleAsync(ProposeErasureRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .ObjectNamed("object", request.Object)
            .Specified("reason", request.Reason)
            .NotBlank("authority", request.Authority).Handle("authority", request.Authority)
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => ProposeAsync(tx, request, caller), cancellation);
    }

    private async Task<ProposeErasureResponse> ProposeAsync(Tx tx, ProposeErasureRequest request, Caller caller)
    {
        var locked = await ObjectName.LockAsync(tx, request.Object);
        if ((await LegalHolds.HeldAsync(tx, [locked.Id])).Count > 0)
        {
            throw ArchiveErrors.LegalHoldPlaced(locked.Name);
        }

        var (id, at) = (ids.Next(), clock.Now());
        await tx.ExecuteAsync(InsertSql, id, locked.Id, locked.Name, request.Reason, request.Authority, caller.Id, at);
        return new ProposeErasureResponse
        {
            Erasure = new ErasureProposal
            {
                Name = $"erasures/{id}",
                Object = locked.Name,
                Reason = request.Reason,
                Authority = request.Authority,
                ProposedBy = caller.Id,
                ProposedAt = at.ToTimestamp(),
            },
        };
    }
}
