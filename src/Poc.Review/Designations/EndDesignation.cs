using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Register;
using Poc.Review.Subjects;

namespace Poc.Review.Designations;

/// <summary>
/// Ends a designation: renounced by the subject, or closed. A review or an appeal that is open goes on to its own decision. It is public at once where the
/// register has the episode; an episode of which nothing was said stays unsaid.
/// </summary>
internal sealed class EndDesignation(IdempotentWrites writes, RegisterCache register, TimeProvider clock)
{
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND EPISODE_NOT_FOUND, FAILED_PRECONDITION ILLEGAL_TRANSITION.</exception>
    public Task<EndDesignationResponse> HandleAsync(EndDesignationRequest request, Caller caller, CancellationToken cancellation)
    {
        var today = Days.Today(clock);
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("episode", request.Episode, Names.Episode)
            .Require(DesignationMachine.HasEnded(request.State), "state", "must be DESIGNATION_STATE_RENOUNCED or DESIGNATION_STATE_CLOSED")
            .DayUpTo("effective_on", request.EffectiveOn, today)
            .Text("reason", request.Reason)
            .ThrowIfAny();
        return register.RenewAfterAsync(writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var standing = await DesignationLedger.LockAsync(tx, request.Episode) ?? throw ReviewErrors.EpisodeNotFound(request.Episode);
            DesignationLedger.Require(standing, request.State);
            var end = new NewChange(request.State, "", Days.Parse(request.EffectiveOn), request.Reason, caller.Id, SaidOn: standing.IsPublic ? today : null);
            await DesignationLedger.AppendAsync(tx, standing, end, clock.GetUtcNow());
            return new EndDesignationResponse { Episode = await SubjectView.EpisodeAsync(tx, request.Episode) };
        }, cancellation));
    }
}
