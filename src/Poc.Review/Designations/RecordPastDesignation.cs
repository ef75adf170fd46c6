using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Register;
using Poc.Review.Subjects;

namespace Poc.Review.Designations;

/// <summary>
/// Takes a designation of the past into the register, with where it is documented. It was said in public on its own days, so that is where the register's
/// as-of answers find it. Not a way around a review: only for an episode in which nothing else happened.
/// </summary>
internal sealed class RecordPastDesignation(IdempotentWrites writes, RegisterNews register, TimeProvider clock)
{
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND EPISODE_NOT_FOUND, FAILED_PRECONDITION ILLEGAL_TRANSITION, LABEL_STANDS.</exception>
    public Task<RecordPastDesignationResponse> HandleAsync(RecordPastDesignationRequest request, Caller caller, CancellationToken cancellation)
    {
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("episode", request.Episode, Names.Episode)
            .DayUpTo("designated_on", request.DesignatedOn, Days.Today(clock))
            .Text("source", request.Source);
        if (request.ClosedOn.Length > 0)
        {
            violations.DayUpTo("closed_on", request.ClosedOn, Days.Today(clock))
                .Require(string.CompareOrdinal(request.ClosedOn, request.DesignatedOn) >= 0, "closed_on", "must not be before designated_on");
        }

        violations.ThrowIfAny();
        return register.FollowAsync(writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var standing = await DesignationLedger.LockAsync(tx, request.Episode) ?? throw ReviewErrors.EpisodeNotFound(request.Episode);
            if (standing.State != DesignationState.Proposed || standing.Sequence != 1)
            {
                throw DesignationLedger.Illegal(standing, "DESIGNATED by record");
            }

            await AppendAsync(tx, standing, request, caller);
            return new RecordPastDesignationResponse { Episode = await SubjectView.EpisodeAsync(tx, request.Episode) };
        }, cancellation));
    }

    private async Task AppendAsync(Tx tx, Standing standing, RecordPastDesignationRequest request, Caller caller)
    {
        var now = clock.GetUtcNow();
        var designatedOn = Days.Parse(request.DesignatedOn);
        await DesignationLedger.RequireOnlyLabelAsync(tx, standing, request.ClosedOn.Length > 0 ? DesignationState.Closed : DesignationState.Designated);
        standing = await DesignationLedger.AppendAsync(
            tx, standing, new NewChange(DesignationState.Designated, "", designatedOn, request.Source, caller.Id, SaidOn: designatedOn), now);
        if (request.ClosedOn.Length > 0)
        {
            var closedOn = Days.Parse(request.ClosedOn);
            await DesignationLedger.AppendAsync(tx, standing, new NewChange(DesignationState.Closed, "", closedOn, request.Source, caller.Id, SaidOn: closedOn),
                now);
        }
    }
}
