using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Notification.V1;
using Poc.Postgres;

namespace Poc.Notification.Plans;

/// <summary>
/// A decision was signed: its first wave opens. Where nobody prepared a plan, the audiences that the protocol names make one, with everybody registered in them
/// as mandatory, and the public after them; such a plan has no approved text.
/// </summary>
internal sealed class StartPlan(PlanProgress progress, ILogger<StartPlan> logger)
{
    private const string InsertSql = """
        INSERT INTO recipient_plans (decision_id, state, prepared, corrects, signed_event_id, started_at) VALUES ($1, 'RUNNING', false, $2, $3, now())
        ON CONFLICT (decision_id) DO NOTHING
        """;

    private const string StartSql = """
        UPDATE recipient_plans SET state = 'RUNNING', corrects = $2, signed_event_id = $3, started_at = now() WHERE decision_id = $1 AND state = 'PREPARED'
        """;

    private const string InsertRecipientsSql = """
        INSERT INTO wave_recipients (decision_id, audience, recipient_id, mandatory, reason)
        SELECT $1, audience, recipient_id, true, 'mandatory recipient by protocol; no plan was prepared' FROM recipients WHERE audience = ANY($2)
        """;

    public async Task HandleAsync(Tx tx, DecisionSigned signed)
    {
        await PlanProgress.LockAsync(tx);
        var decisionId = ResourceNames.Id(signed.Aggregate);
        var corrects = signed.Corrects is { Length: > 0 } corrected ? ResourceNames.Id(corrected) : null;
        // In this order: a plan that is being prepared at this moment is waited for, and then started.
        if (await tx.ExecuteAsync(InsertSql, decisionId, corrects, signed.EventId) == 1)
        {
            await MakeAsync(tx, decisionId, signed.MandatoryAudiences);
        }
        else if (await tx.ExecuteAsync(StartSql, decisionId, corrects, signed.EventId) == 0)
        {
            return;
        }

        await progress.TakeInToldAsync(tx, decisionId);
        await progress.TakeStepsAsync(tx, decisionId, WaveRules.Advance(await PlanProgress.WavesAsync(tx, decisionId)));
    }

    private async Task MakeAsync(Tx tx, string decisionId, IReadOnlyList<string> mandatoryAudiences)
    {
        var named = new List<Audience>();
        foreach (var text in mandatoryAudiences)
        {
            if (EnumText<Audience>.TryParse(text, out var audience) && audience != Audience.Unspecified)
            {
                named.Add(audience);
            }
            else
            {
                logger.LogWarning("Decision {DecisionId} names an audience that this version does not know; nobody can be told as one of it", decisionId);
            }
        }

        var waves = WaveRules.WithoutPlan(named);
        await PlanProgress.NumberAsync(tx, decisionId, waves);
        var mandatory = waves.Where(static audience => audience != Audience.Public).Select(EnumText<Audience>.Of).ToArray();
        await tx.ExecuteAsync(InsertRecipientsSql, decisionId, mandatory);
    }
}
