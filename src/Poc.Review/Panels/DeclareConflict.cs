using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Review.Dossiers;

namespace Poc.Review.Panels;

/// <summary>The caller steps back from a panel (<see cref="SteppingBack"/>).</summary>
internal sealed class DeclareConflict(IdempotentWrites writes, SteppingBack stepping)
{
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, PERMISSION_DENIED NOT_ON_PANEL, FAILED_PRECONDITION
    /// ILLEGAL_TRANSITION.</exception>
    public Task<DeclareConflictResponse> HandleAsync(DeclareConflictRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Uuid("request_id", request.RequestId).Name("dossier", request.Dossier, Names.Dossier).Text("reason", request.Reason).ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).Require(DossierAction.DeclareConflict);
            return await stepping.TryAsync(tx, dossier, caller.Id, request.Reason)
                ? new DeclareConflictResponse { Dossier = await DossierView.ReadAsync(tx, dossier.Name) }
                : throw ReviewErrors.NotOnPanel(dossier.Name);
        }, cancellation);
    }
}
