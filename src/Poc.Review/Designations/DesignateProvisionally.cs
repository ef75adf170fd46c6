using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Review.Register;
using Poc.Review.Subjects;

namespace Poc.Review.Designations;

/// <summary>The urgent track: the label is Provisional, in public and at once, until a panel decides. The dossier stays open for that panel.</summary>
internal sealed class DesignateProvisionally(IdempotentWrites writes, RegisterNews register, TimeProvider clock)
{
    private const string UrgentSql = "SELECT EXISTS (SELECT 1 FROM requests AS q WHERE q.dossier = $1 AND q.urgent AND NOT EXISTS (SELECT 1 FROM request_withdrawals AS w WHERE w.request = q.name))";

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, ABORTED ETAG_MISMATCH, FAILED_PRECONDITION ILLEGAL_TRANSITION, URGENCY_MISSING,
    /// EPISODE_MISSING, LABEL_STANDS.
    /// </exception>
    public Task<DesignateProvisionallyResponse> HandleAsync(DesignateProvisionallyRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("dossier", request.Dossier, Names.Dossier)
            .DayUpTo("effective_on", request.EffectiveOn, Days.Today(clock))
            .Text("reason", request.Reason)
            .NotBlank("etag", request.Etag)
            .ThrowIfAny();
        return register.FollowAsync(writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).RequireEtag(request.Etag).Require(DossierAction.DesignateProvisionally);
            if (!await tx.ScalarAsync<bool>(UrgentSql, dossier.Name))
            {
                throw ReviewErrors.UrgencyMissing(dossier.Name);
            }

            var episode = dossier.Episode ?? await EpisodeOf.NewestAsync(tx, dossier.Subject) ?? throw ReviewErrors.EpisodeMissing(dossier.Subject);
            await GiveAsync(tx, episode, request, caller);
            await dossier.TouchAsync(tx);
            return new DesignateProvisionallyResponse { Episode = await SubjectView.EpisodeAsync(tx, episode) };
        }, cancellation));
    }

    private async Task GiveAsync(Tx tx, string episode, DesignateProvisionallyRequest request, Caller caller)
    {
        var now = clock.GetUtcNow();
        var effectiveOn = Days.Parse(request.EffectiveOn);
        var standing = await DesignationLedger.LockAsync(tx, episode) ?? throw ReviewErrors.EpisodeNotFound(episode);
        if (standing.State == DesignationState.Proposed)
        {
            standing = await DesignationLedger.AppendAsync(tx, standing,
                new NewChange(DesignationState.UnderAssessment, "", effectiveOn, "Taken up on the urgent track.", caller.Id), now);
        }

        DesignationLedger.Require(standing, DesignationState.Provisional);
        await DesignationLedger.RequireOnlyLabelAsync(tx, standing, DesignationState.Provisional);
        var label = new NewChange(DesignationState.Provisional, "", effectiveOn, request.Reason, caller.Id, SaidOn: DateOnly.FromDateTime(now.UtcDateTime));
        await DesignationLedger.AppendAsync(tx, standing, label, now);
    }
}
