using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Notification.V1;
using Poc.Contracts.Type.V1;
using Poc.Postgres;

namespace Poc.Notification.Plans;

/// <summary>A plan as it goes out.</summary>
internal static class PlanReading
{
    private const string PlanSql = "SELECT state, leak_mode, corrects FROM recipient_plans WHERE decision_id = $1";

    private const string WavesSql = """
        SELECT w.number, w.audience, w.opened_at, w.completed_at,
               COALESCE(array_agg(r.recipient_id ORDER BY r.recipient_id) FILTER (WHERE r.recipient_id IS NOT NULL), '{}'),
               COALESCE(array_agg(r.recipient_id ORDER BY r.recipient_id) FILTER (WHERE r.mandatory), '{}')
        FROM plan_waves w
        LEFT JOIN wave_recipients r ON r.decision_id = w.decision_id AND r.audience = w.audience
        WHERE w.decision_id = $1
        GROUP BY w.number, w.audience, w.opened_at, w.completed_at
        ORDER BY w.number
        """;

    private const string TextsSql = "SELECT audience, language, text FROM plan_texts WHERE decision_id = $1 ORDER BY audience, language";

    private const string OverridesSql = "SELECT staff, reason, made_at, wave FROM plan_overrides WHERE decision_id = $1 ORDER BY override_id";

    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND PLAN_NOT_FOUND.</exception>
    public static async Task<RecipientPlan> ReadAsync(Tx tx, string decisionId)
    {
        var name = ResourceNames.Plan(decisionId);
        var plan = await tx.QuerySingleOrDefaultAsync(
            PlanSql,
            row => new RecipientPlan
            {
                Name = name,
                Decision = ResourceNames.Decision(decisionId),
                State = EnumText<RecipientPlan.Types.State>.Parse(row.GetString(0)),
                LeakMode = row.GetBoolean(1),
                Corrects = row.IsDBNull(2) ? "" : ResourceNames.Decision(row.GetString(2)),
            },
            decisionId) ?? throw NotificationErrors.PlanNotFound(name);
        plan.Waves.Add(await tx.QueryAsync(
            WavesSql,
            static row => new Wave
            {
                Number = row.GetInt32(0),
                Audience = EnumText<Audience>.Parse(row.GetString(1)),
                OpenedAt = row.TimestampOrNull(2),
                CompletedAt = row.TimestampOrNull(3),
                Recipients = { row.GetFieldValue<string[]>(4).Select(ResourceNames.Recipient) },
                MandatoryRecipients = { row.GetFieldValue<string[]>(5).Select(ResourceNames.Recipient) },
            },
            decisionId));
        plan.Texts.Add(await tx.QueryAsync(
            TextsSql,
            static row => new ApprovedText
            {
                Audience = EnumText<Audience>.Parse(row.GetString(0)),
                Text = new LocalizedText { Language = row.GetString(1), Text = row.GetString(2) },
            },
            decisionId));
        plan.Overrides.Add(await tx.QueryAsync(
            OverridesSql,
            static row => new PlanOverride { Staff = row.GetString(0), Reason = row.GetString(1), MadeAt = row.TimestampOrNull(2), Wave = row.GetInt32(3) },
            decisionId));
        return plan;
    }
}
