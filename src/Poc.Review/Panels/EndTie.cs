using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Review.Panels;

/// <summary>Ends a tie; the record of it stays, and whoever stepped back by it stays away from that panel.</summary>
internal sealed class EndTie(IdempotentWrites writes, TimeProvider clock)
{
    private const string InsertSql = "INSERT INTO tie_ends (tie, reason, ended_by, ended_at) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT pk_tie_ends DO NOTHING";

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND TIE_NOT_FOUND, FAILED_PRECONDITION TIE_ENDED.</exception>
    public Task<EndTieResponse> HandleAsync(EndTieRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Uuid("request_id", request.RequestId).Name("name", request.Name, TieLedger.Pattern).Text("reason", request.Reason).ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var at = request.Name.IndexOf("/ties/", StringComparison.Ordinal);
            var subject = request.Name[..at];
            if (!Guid.TryParseExact(request.Name[(at + "/ties/".Length)..], "D", out var id) || await TieLedger.FindAsync(tx, subject, id) is null)
            {
                throw ReviewErrors.TieNotFound(request.Name);
            }

            return await tx.ExecuteAsync(InsertSql, id, request.Reason, caller.Id, clock.GetUtcNow()) == 1
                ? new EndTieResponse { Tie = await TieLedger.FindAsync(tx, subject, id) }
                : throw ReviewErrors.TieEnded(request.Name);
        }, cancellation);
    }
}
