using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Notification.Recipients;
using Poc.Postgres;

namespace Poc.Notification.Plans;

/// <summary>
/// Names who is told of a decision, in which order and with what words, before it is signed. Preparing again replaces what was prepared; once the decision is
/// signed nothing is replaced. A wave without recipients keeps the place of those whom a correction takes in, and, for the public, of the register.
/// </summary>
internal sealed class PrepareRecipientPlan(IdempotentWrites writes)
{
    /// <summary>Recipients of one wave; more is INVALID_ARGUMENT.</summary>
    public const int MaxRecipients = 10_000;

    /// <summary>Texts of one plan, all audiences and languages together; more is INVALID_ARGUMENT.</summary>
    public const int MaxTexts = 100;

    /// <summary>Characters of one text; more is INVALID_ARGUMENT.</summary>
    public const int MaxText = 20_000;

    // Waits for a signature that is just arriving, and then finds the plan started; the signature waits for this one and then starts what was prepared.
    private const string UpsertSql = """
        INSERT INTO recipient_plans AS p (decision_id, state, prepared) VALUES ($1, 'PREPARED', true)
        ON CONFLICT (decision_id) DO UPDATE SET prepared = true WHERE p.state = 'PREPARED'
        """;

    private const string ClearSql = """
        WITH waves AS (DELETE FROM plan_waves WHERE decision_id = $1)
        DELETE FROM plan_texts WHERE decision_id = $1
        """;

    private const string AudiencesSql = "SELECT recipient_id, audience FROM recipients WHERE recipient_id = ANY($1)";

    private const string InsertWaveSql = "INSERT INTO plan_waves (decision_id, audience, number) VALUES ($1, $2, $3)";

    private const string InsertRecipientsSql = """
        INSERT INTO wave_recipients (decision_id, audience, recipient_id, mandatory, reason)
        SELECT $1, $2, id, id = ANY($4), CASE WHEN id = ANY($4) THEN 'mandatory recipient' ELSE 'recipient of the plan' END
        FROM unnest($3) AS id
        """;

    private const string InsertTextsSql = """
        INSERT INTO plan_texts (decision_id, audience, language, text) SELECT $1, * FROM unnest($2, $3, $4)
        """;

    public Task<PrepareRecipientPlanResponse> HandleAsync(PrepareRecipientPlanRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);
        return writes.OnceAsync(caller, request.RequestId, request, tx => StoreAsync(tx, request.RecipientPlan), cancellation);
    }

    private static async Task<PrepareRecipientPlanResponse> StoreAsync(Tx tx, RecipientPlan plan)
    {
        var decisionId = ResourceNames.Id(plan.Decision);
        await ValidateRecipientsAsync(tx, plan);
        if (await tx.ExecuteAsync(UpsertSql, decisionId) == 0)
        {
            throw NotificationErrors.PlanStarted(ResourceNames.Plan(decisionId));
        }

        await tx.ExecuteAsync(ClearSql, decisionId);
        for (var i = 0; i < plan.Waves.Count; i++)
        {
            var wave = plan.Waves[i];
            var audience = EnumText<Audience>.Of(wave.Audience);
            await tx.ExecuteAsync(InsertWaveSql, decisionId, audience, i + 1);
            await tx.ExecuteAsync(InsertRecipientsSql, decisionId, audience, Ids(wave.Recipients), Ids(wave.MandatoryRecipients));
        }

        await tx.ExecuteAsync(
            InsertTextsSql,
            decisionId,
            plan.Texts.Select(static text => EnumText<Audience>.Of(text.Audience)).ToArray(),
            plan.Texts.Select(static text => text.Text.Language).ToArray(),
            plan.Texts.Select(static text => text.Text.Text).ToArray());
        return new PrepareRecipientPlanResponse { RecipientPlan = await PlanReading.ReadAsync(tx, decisionId) };
    }

    private static string[] Ids(IEnumerable<string> names) => [.. names.Select(ResourceNames.Id)];

    private static async Task ValidateRecipientsAsync(Tx tx, RecipientPlan plan)
    {
        var named = Ids(plan.Waves.SelectMany(static wave => wave.Recipients));
        var rows = await tx.QueryAsync(AudiencesSql, static row => (Id: row.GetString(0), Audience: EnumText<Audience>.Parse(row.GetString(1))), (object)named);
        var known = rows.ToDictionary(static recipient => recipient.Id, static recipient => recipient.Audience, StringComparer.Ordinal);
        var violations = new Violations();
        for (var i = 0; i < plan.Waves.Count; i++)
        {
            for (var j = 0; j < plan.Waves[i].Recipients.Count; j++)
            {
                var name = plan.Waves[i].Recipients[j];
                var audience = known.TryGetValue(ResourceNames.Id(name), out var found) ? found : throw NotificationErrors.RecipientNotFound(name);
                var field = $"recipient_plan.waves[{i}].recipients[{j}]";
                violations.Require(audience == plan.Waves[i].Audience, field, "is registered for another audience than the wave's");
            }
        }

        violations.ThrowIfAny();
    }

    private static void Validate(PrepareRecipientPlanRequest request)
    {
        var plan = request.RecipientPlan ?? new RecipientPlan();
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("recipient_plan.decision", plan.Decision, ResourceNames.DecisionPattern)
            .Require(plan.Waves.Count > 0, "recipient_plan.waves", "must have at least one element")
            .MaxCount("recipient_plan.texts", plan.Texts.Count, MaxTexts);
        var audiences = new HashSet<Audience>();
        for (var i = 0; i < plan.Waves.Count; i++)
        {
            Validate(violations, $"recipient_plan.waves[{i}]", plan.Waves[i]);
            violations.Require(audiences.Add(plan.Waves[i].Audience), $"recipient_plan.waves[{i}].audience", "has a wave already");
            violations.Require(
                plan.Waves[i].Recipients.Count == 0 || plan.Texts.Any(text => text.Audience == plan.Waves[i].Audience),
                "recipient_plan.texts",
                $"must have a text for the audience of waves[{i}]");
        }

        // What is public follows the opening of the last wave, so nobody would wait for its acknowledgements (DOMAIN.md, invariant 10).
        violations.Require(
            plan.Waves is not [.., { MandatoryRecipients.Count: > 0 }],
            $"recipient_plan.waves[{plan.Waves.Count - 1}].mandatory_recipients",
            "must be empty in the last wave, for which nobody would wait; add a wave for the public after it");
        var languages = new HashSet<(Audience, string)>();
        for (var i = 0; i < Math.Min(plan.Texts.Count, MaxTexts); i++)
        {
            var (field, text) = ($"recipient_plan.texts[{i}]", plan.Texts[i]);
            violations
                .Specified($"{field}.audience", text.Audience)
                .Require(CreateRecipient.IsLanguage(text.Text?.Language), $"{field}.text.language", "must be a BCP 47 language such as en or zh-Hant")
                .NotBlank($"{field}.text.text", text.Text?.Text)
                .MaxLength($"{field}.text.text", text.Text?.Text, MaxText)
                .Require(languages.Add((text.Audience, text.Text?.Language.ToUpperInvariant() ?? "")), field, "is a second text for its audience and language");
        }

        violations.ThrowIfAny();
    }

    private static void Validate(Violations violations, string field, Wave wave)
    {
        violations
            .Specified($"{field}.audience", wave.Audience)
            .Require(wave.Audience != Audience.Staff, $"{field}.audience", "must not be staff, who are told by the inbox")
            .MaxCount($"{field}.recipients", wave.Recipients.Count, MaxRecipients);
        var recipients = new HashSet<string>(StringComparer.Ordinal);
        for (var j = 0; j < Math.Min(wave.Recipients.Count, MaxRecipients); j++)
        {
            violations
                .Name($"{field}.recipients[{j}]", wave.Recipients[j], ResourceNames.RecipientPattern)
                .Require(recipients.Add(wave.Recipients[j]), $"{field}.recipients[{j}]", "is named twice");
        }

        for (var j = 0; j < Math.Min(wave.MandatoryRecipients.Count, MaxRecipients); j++)
        {
            violations.Require(recipients.Contains(wave.MandatoryRecipients[j]), $"{field}.mandatory_recipients[{j}]", "must be one of the wave's recipients");
        }
    }
}
