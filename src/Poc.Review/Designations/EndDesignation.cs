using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Register;
using Poc.Review.Subjects;

namespace Poc.Review.Designations;

/// <summary>
/// Ends a designation: renounced by the subject, or closed. A review or an appeal that is open goes on to its own decision. It is public at once where the
/// register has the episode; an episode of which nothing was said stays unsaid. A renunciation comes with whose words it is and how that was made sure: impostors write too.
/// </summary>
internal sealed class EndDesignation(IdempotentWrites writes, RegisterNews register, Archive archive, TimeProvider clock)
{
    private const string RenouncedSql = "INSERT INTO renunciations (episode, sequence, declared_by, declared_on, verified_how, statement) VALUES ($1, $2, $3, $4, $5, $6)";

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND EPISODE_NOT_FOUND, FAILED_PRECONDITION ILLEGAL_TRANSITION, STATEMENT_NOT_CITABLE,
    /// UNAVAILABLE ARCHIVE_UNAVAILABLE.</exception>
    public Task<EndDesignationResponse> HandleAsync(EndDesignationRequest request, Caller caller, CancellationToken cancellation)
    {
        var today = Days.Today(clock);
        Validate(request, today);
        return register.FollowAsync(writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var standing = await DesignationLedger.LockAsync(tx, request.Episode) ?? throw ReviewErrors.EpisodeNotFound(request.Episode);
            DesignationLedger.Require(standing, request.State);
            if (request.Renunciation is { Statement: { Length: > 0 } statement })
            {
                await RequireOwnWordsAsync(tx, request.Episode, statement);
            }

            var end = new NewChange(request.State, "", Days.Parse(request.EffectiveOn), request.Reason, caller.Id, SaidOn: standing.IsPublic ? today : null);
            var ended = await DesignationLedger.AppendAsync(tx, standing, end, clock.GetUtcNow());
            if (request.Renunciation is { } words)
            {
                await tx.ExecuteAsync(
                    RenouncedSql, request.Episode, ended.Sequence, words.DeclaredBy, Days.Parse(words.DeclaredOn), words.VerifiedHow, words.Statement.Length == 0 ? null : words.Statement);
            }

            return new EndDesignationResponse { Episode = await SubjectView.EpisodeAsync(tx, request.Episode) };
        }, cancellation));
    }

    // Of the person, under whichever of their names, and in the archive now.
    private async Task RequireOwnWordsAsync(Tx tx, string episode, string statement)
    {
        var names = await People.NamesAsync(tx, episode[..episode.IndexOf("/episodes/", StringComparison.Ordinal)]);
        new Violations()
            .Require(names.Any(name => statement.StartsWith(name + "/", StringComparison.Ordinal)), "renunciation.statement", "must be a statement of the subject")
            .ThrowIfAny();
        await archive.RequireCitableAsync(statement, tx.Cancellation);
    }

    private static void Validate(EndDesignationRequest request, DateOnly today)
    {
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("episode", request.Episode, Names.Episode)
            .Require(DesignationMachine.HasEnded(request.State), "state", "must be DESIGNATION_STATE_RENOUNCED or DESIGNATION_STATE_CLOSED")
            .DayUpTo("effective_on", request.EffectiveOn, today)
            .Text("reason", request.Reason)
            .Require((request.State == DesignationState.Renounced) == request.Renunciation is not null, "renunciation", "must be given with DESIGNATION_STATE_RENOUNCED, and with nothing else");
        if (request.Renunciation is { } words)
        {
            violations.Require(words.DeclaredBy is "subject" or "counsel", "renunciation.declared_by", "must be subject or counsel")
                .DayUpTo("renunciation.declared_on", words.DeclaredOn, today)
                .Text("renunciation.verified_how", words.VerifiedHow);
            if (words.Statement.Length > 0)
            {
                violations.Name("renunciation.statement", words.Statement, Names.Statement);
            }
        }

        violations.ThrowIfAny();
    }
}
