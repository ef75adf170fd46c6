using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Review.Decisions;

/// <summary>
/// Ends a decision's embargo: whoever must be told before the public was told, or a logged override said why not. The decision and its change of the
/// designation are in the register from here on, and it is announced.
/// </summary>
internal sealed class PublishDecision(IdSource ids, TimeProvider clock)
{
    private const string PublishSql = """
        UPDATE decisions AS n SET published_at = $2, leak_mode = $3, revision = n.revision + 1 FROM dossiers AS d
        WHERE n.name = $1 AND d.name = n.dossier AND n.in_force_at IS NOT NULL AND n.published_at IS NULL
        RETURNING d.name, d.subject, n.outcome
        """;

    /// <exception cref="InvalidOperationException">The plan is about no decision in force: the message ends in the error queue, where somebody looks at
    /// it.</exception>
    public async Task HandleAsync(Tx tx, RecipientPlanCompleted completed)
    {
        var now = clock.GetUtcNow();
        var published = await tx.QuerySingleOrDefaultAsync(PublishSql, static row =>
            (Dossier: row.GetString(0), Subject: row.GetString(1), Outcome: row.GetString(2)), completed.Decision, now, completed.LeakMode);
        if (published.Dossier is null)
        {
            throw new InvalidOperationException($"{completed.Aggregate} is completed for {completed.Decision}, which is not in force and under embargo.");
        }

        await Outbox.AddAsync(tx, new DecisionAnnounced(ids.Next(), completed.Decision, 1, now, published.Dossier, published.Subject, published.Outcome,
            completed.LeakMode));
    }
}
