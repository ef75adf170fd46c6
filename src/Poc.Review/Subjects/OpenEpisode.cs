using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Designations;

namespace Poc.Review.Subjects;

/// <summary>Opens an episode, one detention of a subject; the designation in it begins as Proposed, which only staff see.</summary>
internal sealed class OpenEpisode(IdempotentWrites writes, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO episodes (name, subject, detained_on, description, recorded_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT ON CONSTRAINT pk_episodes DO NOTHING
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND SUBJECT_NOT_FOUND, ALREADY_EXISTS EPISODE_EXISTS, FAILED_PRECONDITION SUBJECT_MERGED.</exception>
    public Task<OpenEpisodeResponse> HandleAsync(OpenEpisodeRequest request, Caller caller, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("parent", request.Parent, Names.Subject)
            .Id("episode_id", request.EpisodeId)
            .Require(request.Episode is not null, "episode", "must be given")
            .DayUpTo("episode.detained_on", request.Episode?.DetainedOn ?? "", Days.Today(clock))
            .Text("episode.description", request.Episode?.Description)
            .ThrowIfAny();
        var name = $"{request.Parent}/episodes/{request.EpisodeId}";
        var detainedOn = Days.Parse(request.Episode!.DetainedOn);
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            await People.LockOwnAsync(tx, request.Parent);
            if (await tx.ExecuteAsync(InsertSql, name, request.Parent, detainedOn, request.Episode.Description, now) == 0)
            {
                throw ReviewErrors.EpisodeExists(name);
            }

            var first = new NewChange(DesignationState.Proposed, "", detainedOn, "Episode opened.", caller.Id);
            await DesignationLedger.AppendAsync(tx, new Standing(name, DesignationState.Unspecified, 0, false), first, now);
            return new OpenEpisodeResponse { Episode = await SubjectView.EpisodeAsync(tx, name) };
        }, cancellation);
    }
}
