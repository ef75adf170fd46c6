using Poc.Contracts.Events.Review.V1;
using Poc.Postgres;
using static Poc.Contracts.Intake.V1.Request.Types;

namespace Poc.Intake.Requests;

/// <summary>Review found a request admissible, and put it into a dossier, or inadmissible.</summary>
internal sealed class ApplyAdmissibility(TimeProvider clock, ILogger<ApplyAdmissibility> logger)
{
    // Admission and announcement of the same dossier come on different queues: without the lock each could miss the other's row.
    private const string LockDossier = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

    private const string SelectAnnounced =
        """
        SELECT decision, outcome, announced_at
        FROM announced_decisions
        WHERE dossier = $1
        ORDER BY announced_at, decision
        LIMIT 1
        """;

    /// <exception cref="InvalidOperationException">There is no such request, or what Review decided cannot follow its state: for the error queue.</exception>
    public async Task HandleAsync(Tx tx, AdmissibilityDecided decided)
    {
        if (decided.Dossier is { } toBeLocked)
        {
            await tx.ExecuteAsync(LockDossier, toBeLocked);
        }

        var current = RequestName.TryParse(decided.Aggregate, out var name) ? await RequestStates.LockAsync(tx, name) : null;
        switch (current)
        {
            case null:
                throw new InvalidOperationException($"Review judged {decided.Aggregate}, which Intake does not have.");
            case State.Withdrawn or State.Answered:
                // Nobody's fault: the partner took it back while Review was judging it.
                logger.LogInformation("{Request} was closed before its admissibility was decided", decided.Aggregate);
                return;
        }

        var now = clock.GetUtcNow();
        if (!decided.Admissible)
        {
            RequestLifecycle.Require(current.Value, State.Inadmissible);
            await RequestStates.AppendAsync(tx, name.Id, State.Inadmissible, now, decided.ReasonCode, decided.Detail);
            return;
        }

        RequestLifecycle.Require(current.Value, State.Admissible);
        await RequestStates.AppendAsync(tx, name.Id, State.Admissible, now, decided.ReasonCode, decided.Detail);
        if (decided.Dossier is { } dossier)
        {
            await RequestStates.AppendAsync(tx, name.Id, State.InDossier, now, dossier: dossier);
            await AnswerIfAnnouncedAsync(tx, name, dossier, now);
        }
    }

    private static async Task AnswerIfAnnouncedAsync(Tx tx, RequestName name, string dossier, DateTimeOffset now)
    {
        var announced = await tx.QueryAsync(SelectAnnounced, static row => (Decision: row.GetString(0), Outcome: row.GetString(1)), dossier);
        if (announced is [var (decision, outcome)])
        {
            await RequestStates.AppendAsync(tx, name.Id, State.Answered, now, RequestStates.DecisionAnnounced, decision: decision, outcome: outcome);
        }
    }
}
