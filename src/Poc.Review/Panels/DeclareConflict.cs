using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Ballots;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Panels;

/// <summary>
/// The caller steps back from a panel: the quorum no longer counts them, and a ballot of theirs stays sealed in the record and is not counted. Where they were
/// the last one outstanding, the ballots open.
/// </summary>
internal sealed class DeclareConflict(IdempotentWrites writes, ProtocolShelf shelf, IdSource ids, TimeProvider clock)
{
    private const string ConflictSql = "UPDATE panel_members SET conflict = $3 WHERE dossier = $1 AND staff = $2 AND conflict = ''";

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, PERMISSION_DENIED NOT_ON_PANEL, FAILED_PRECONDITION
    /// ILLEGAL_TRANSITION.</exception>
    public Task<DeclareConflictResponse> HandleAsync(DeclareConflictRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Uuid("request_id", request.RequestId).Name("dossier", request.Dossier, Names.Dossier).Text("reason", request.Reason).ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).Require(DossierAction.DeclareConflict);
            if (await tx.ExecuteAsync(ConflictSql, dossier.Name, caller.Id, request.Reason) == 0)
            {
                throw ReviewErrors.NotOnPanel(dossier.Name);
            }

            var box = await BallotBox.ReadAsync(tx, dossier.Name);
            if (Quorum.OpensAll(box.Eligible.Count, box.Cast, shelf.Of(dossier.Protocol!.Value).Quorum))
            {
                await box.OpenAsync(tx, dossier, ids, clock.GetUtcNow());
            }
            else
            {
                await dossier.TouchAsync(tx);
            }

            return new DeclareConflictResponse { Dossier = await DossierView.ReadAsync(tx, dossier.Name) };
        }, cancellation);
    }
}
