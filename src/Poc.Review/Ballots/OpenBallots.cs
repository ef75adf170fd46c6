using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Ballots;

/// <summary>Opens the ballots when the term has ended and those that are in make the quorum.</summary>
internal sealed class OpenBallots(IdempotentWrites writes, ProtocolShelf shelf, RoundOpening opening, TimeProvider clock)
{
    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, ABORTED ETAG_MISMATCH, FAILED_PRECONDITION ILLEGAL_TRANSITION, TERM_RUNNING,
    /// QUORUM_MISSING.
    /// </exception>
    public Task<OpenBallotsResponse> HandleAsync(OpenBallotsRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Uuid("request_id", request.RequestId).Name("dossier", request.Dossier, Names.Dossier).NotBlank("etag", request.Etag).ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var now = clock.GetUtcNow();
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).RequireEtag(request.Etag).Require(DossierAction.OpenBallots);
            if (now < dossier.VotingEndsAt)
            {
                throw ReviewErrors.TermRunning(dossier.Name, dossier.VotingEndsAt!.Value);
            }

            var box = await BallotBox.ReadAsync(tx, dossier.Name);
            var quorum = shelf.Of(dossier.Protocol!.Value).Quorum;
            if (!Quorum.OpensAtTerm(box.Cast, quorum))
            {
                throw ReviewErrors.QuorumMissing(box.Cast, quorum);
            }

            await opening.OpenAsync(tx, dossier, box, now);
            return new OpenBallotsResponse { Dossier = await DossierView.ReadAsync(tx, dossier.Name) };
        }, cancellation);
    }
}
