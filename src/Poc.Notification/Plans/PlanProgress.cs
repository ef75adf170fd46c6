using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Notification.V1;
using Poc.Kernel;
using Poc.Notification.Deliveries;
using Poc.Postgres;

namespace Poc.Notification.Plans;

/// <summary>
/// Carries out what <see cref="WaveRules"/> decide: opens waves, which queues their messages, completes them and says so in events. It also keeps the promise
/// of a correction: whoever is told of a decision, at whatever time, is told of the one that corrects it.
/// </summary>
internal sealed class PlanProgress(DeliveryWriter deliveries, IdSource ids)
{
    // One lock for all plans: a plan changes a few times in its life, and a correction looks at another plan while that may be changing too.
    private const string LockSql = "SELECT pg_advisory_xact_lock(hashtextextended('recipient plans', 0))";

    private const string PlanSql = "SELECT leak_mode, signed_event_id, now() FROM recipient_plans WHERE decision_id = $1";

    private const string WavesSql = """
        SELECT w.number, w.opened_at IS NOT NULL, w.completed_at IS NOT NULL,
               count(r.recipient_id) FILTER (WHERE r.mandatory AND NOT EXISTS (
                   SELECT FROM deliveries d WHERE d.decision_id = w.decision_id AND d.recipient_id = r.recipient_id AND d.state = 'ACKNOWLEDGED'))::int
        FROM plan_waves w
        LEFT JOIN wave_recipients r ON r.decision_id = w.decision_id AND r.audience = w.audience
        WHERE w.decision_id = $1
        GROUP BY w.number, w.opened_at, w.completed_at
        ORDER BY w.number
        """;

    private const string OpenSql = "UPDATE plan_waves SET opened_at = now() WHERE decision_id = $1 AND number = $2 AND opened_at IS NULL";

    private const string CompleteSql = "UPDATE plan_waves SET completed_at = now(), overridden = $3 WHERE decision_id = $1 AND number = $2";

    private const string CompletePlanSql = """
        UPDATE recipient_plans SET state = 'COMPLETED', completed_at = now()
        WHERE decision_id = $1 AND state = 'RUNNING' AND NOT EXISTS (SELECT FROM plan_waves WHERE decision_id = $1 AND opened_at IS NULL)
        """;

    private const string UntoldSql = """
        SELECT r.recipient_id, r.reason
        FROM wave_recipients r JOIN plan_waves w ON w.decision_id = r.decision_id AND w.audience = r.audience
        WHERE w.decision_id = $1 AND w.number = $2
        ORDER BY r.recipient_id
        """;

    // UNION, not UNION ALL: it ends even if two decisions were said to correct each other.
    private const string ToldOfCorrectedSql = """
        WITH RECURSIVE corrected AS (
            SELECT corrects AS decision_id FROM recipient_plans WHERE decision_id = $1 AND corrects IS NOT NULL
            UNION
            SELECT p.corrects FROM recipient_plans p JOIN corrected c ON c.decision_id = p.decision_id WHERE p.corrects IS NOT NULL)
        SELECT d.recipient_id, r.audience, COALESCE(bool_or(w.mandatory), false)
        FROM deliveries d
        JOIN corrected c ON c.decision_id = d.decision_id
        JOIN recipients r ON r.recipient_id = d.recipient_id
        LEFT JOIN wave_recipients w ON w.decision_id = d.decision_id AND w.recipient_id = d.recipient_id
        WHERE NOT EXISTS (SELECT FROM wave_recipients own WHERE own.decision_id = $1 AND own.recipient_id = d.recipient_id)
        GROUP BY d.recipient_id, r.audience
        ORDER BY d.recipient_id
        """;

    private const string OrderSql = "SELECT audience, opened_at IS NOT NULL FROM plan_waves WHERE decision_id = $1 ORDER BY number";

    private const string PlaceSql = """
        INSERT INTO plan_waves (decision_id, audience, number) SELECT $1, audience, number FROM unnest($2) WITH ORDINALITY AS w (audience, number)
        ON CONFLICT ON CONSTRAINT pk_plan_waves DO NOTHING
        """;

    private const string RenumberSql = """
        UPDATE plan_waves p SET number = w.number FROM unnest($2) WITH ORDINALITY AS w (audience, number)
        WHERE p.decision_id = $1 AND p.audience = w.audience AND p.number <> w.number
        """;

    private const string TakeInSql = """
        INSERT INTO wave_recipients (decision_id, audience, recipient_id, mandatory, reason)
        SELECT $1, audience, recipient_id, mandatory, 'was told of the decision that this one corrects'
        FROM unnest($2, $3, $4) AS taken (audience, recipient_id, mandatory)
        """;

    private const string CorrectionsSql = "SELECT decision_id FROM recipient_plans WHERE corrects = $1 AND state <> 'PREPARED' ORDER BY decision_id";

    /// <summary>
    /// Waits for every other change of any plan. To be called before a plan is looked at in order to change it; held to the end of the transaction.
    /// </summary>
    public static Task LockAsync(Tx tx) => tx.ExecuteAsync(LockSql);

    /// <summary>The plan's waves, as the rules see them.</summary>
    public static Task<IReadOnlyList<WaveState>> WavesAsync(Tx tx, string decisionId) =>
        tx.QueryAsync(WavesSql, static row => new WaveState(row.GetInt32(0), row.GetBoolean(1), row.GetBoolean(2), row.GetInt32(3)), decisionId);

    /// <summary>Carries the steps out and says that the plan is completed when its last wave is open. Under the lock, on a plan that has started.</summary>
    public async Task TakeStepsAsync(Tx tx, string decisionId, IReadOnlyList<WaveStep> steps)
    {
        if (steps.Count == 0)
        {
            return;
        }

        var plan = await StartedAsync(tx, decisionId);
        var (name, decision) = (ResourceNames.Plan(decisionId), ResourceNames.Decision(decisionId));
        foreach (var step in steps)
        {
            if (step.Opens)
            {
                await tx.ExecuteAsync(OpenSql, decisionId, step.Number);
                await TellAsync(tx, decisionId, plan, step.Number);
            }

            if (step.Completes)
            {
                await tx.ExecuteAsync(CompleteSql, decisionId, step.Number, step.Overridden);
                await Outbox.AddAsync(tx, new WaveCompleted(ids.Next(), name, step.Number, plan.Now, decision, step.Overridden));
            }
        }

        if (await tx.ExecuteAsync(CompletePlanSql, decisionId) == 1)
        {
            await Outbox.AddAsync(tx, new RecipientPlanCompleted(ids.Next(), name, Version: 1, plan.Now, decision, plan.LeakMode));
        }

        if (steps.Any(static step => step.Opens))
        {
            await TellCorrectionsAsync(tx, decisionId);
        }
    }

    /// <summary>
    /// Puts everyone who was told of what this decision corrects, and whom nobody named for it, into the wave of their audience, mandatory if they were. A wave
    /// that is missing is added: in the usual order of audiences while no wave is open, at the end afterwards.
    /// </summary>
    /// <returns>Whether anybody was taken in.</returns>
    public async Task<bool> TakeInToldAsync(Tx tx, string decisionId)
    {
        var told = await tx.QueryAsync(
            ToldOfCorrectedSql, static row => (Recipient: row.GetString(0), Audience: row.GetString(1), Mandatory: row.GetBoolean(2)), decisionId);
        if (told.Count == 0)
        {
            return false;
        }

        var waves = await tx.QueryAsync(OrderSql, static row => (Audience: EnumText<Audience>.Parse(row.GetString(0)), IsOpen: row.GetBoolean(1)), decisionId);
        var existing = waves.Select(static wave => wave.Audience).ToList();
        var added = told.Select(static recipient => EnumText<Audience>.Parse(recipient.Audience)).Distinct().Except(existing).Order().ToList();
        if (added.Count > 0)
        {
            var order = waves.Any(static wave => wave.IsOpen) ? [.. existing, .. added] : WaveRules.Place(existing, added);
            await NumberAsync(tx, decisionId, [.. existing, .. added]);
            await tx.ExecuteAsync(RenumberSql, decisionId, order.Select(EnumText<Audience>.Of).ToArray());
        }

        await tx.ExecuteAsync(
            TakeInSql,
            decisionId,
            told.Select(static recipient => recipient.Audience).ToArray(),
            told.Select(static recipient => recipient.Recipient).ToArray(),
            told.Select(static recipient => recipient.Mandatory).ToArray());
        return true;
    }

    /// <summary>Gives a plan the waves that it does not have yet; each gets the number of its place in the list.</summary>
    public static Task NumberAsync(Tx tx, string decisionId, IReadOnlyList<Audience> audiences) =>
        tx.ExecuteAsync(PlaceSql, decisionId, audiences.Select(EnumText<Audience>.Of).ToArray());

    // A decision may be told to more people after its correction has started: they come into the correction as they are told.
    private async Task TellCorrectionsAsync(Tx tx, string decisionId)
    {
        foreach (var correction in await tx.QueryAsync(CorrectionsSql, static row => row.GetString(0), decisionId))
        {
            if (!await TakeInToldAsync(tx, correction))
            {
                continue;
            }

            var plan = await StartedAsync(tx, correction);
            foreach (var open in (await WavesAsync(tx, correction)).Where(static wave => wave.IsOpen))
            {
                await TellAsync(tx, correction, plan, open.Number);
            }

            var waves = await WavesAsync(tx, correction);
            await TakeStepsAsync(tx, correction, plan.LeakMode ? WaveRules.Leak(waves) : WaveRules.Advance(waves));
        }
    }

    // Whoever of the wave has the message already is not told again: the event, the recipient and the channel are its key.
    private async Task TellAsync(Tx tx, string decisionId, Started plan, int wave)
    {
        var recipients = await tx.QueryAsync(
            UntoldSql,
            row => new NewDelivery(row.GetString(0), Channel.Email, NotificationClass.Duty, row.GetString(1)),
            decisionId,
            wave);
        var cause = new Cause(plan.SignedEventId, EventKind.DecisionSigned, ResourceNames.Decision(decisionId)) { DecisionId = decisionId, Wave = wave };
        await deliveries.WriteAsync(tx, cause, recipients);
    }

    private static async Task<Started> StartedAsync(Tx tx, string decisionId) =>
        await tx.QuerySingleOrDefaultAsync(
            PlanSql,
            static row => row.IsDBNull(1) ? null : new Started(row.GetBoolean(0), row.GetGuid(1), row.GetFieldValue<DateTimeOffset>(2)),
            decisionId) ?? throw new InvalidOperationException($"The plan of decision {decisionId} has not started.");

    private sealed record Started(bool LeakMode, Guid SignedEventId, DateTimeOffset Now);
}
