using Grpc.Core;
using Poc.Contracts.Notification.V1;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Plans;

public sealed class PrepareRecipientPlanTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Keeps_the_plan_and_lets_it_be_read()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var section = await _stack.RecipientAsync(Audience.Sections);
        var decision = NewDecision();

        var prepared = await _stack.PrepareAsync(decision, ([counsel], [counsel]), ([section], []));

        Assert.Equal((PlanName(decision), decision, RecipientPlan.Types.State.Prepared), (prepared.Name, prepared.Decision, prepared.State));
        Assert.Equal([(1, Audience.CounselAndFamily), (2, Audience.Sections), (3, Audience.Public)], prepared.Waves.Select(static wave => (wave.Number, wave.Audience)));
        Assert.Equal([counsel.Name], prepared.Waves[0].MandatoryRecipients);
        Assert.Equal([section.Name], prepared.Waves[1].Recipients);
        Assert.Equal(3, prepared.Texts.Count);
        Assert.Equal(prepared, await _stack.PlanAsync(decision));
        Assert.Empty(await _stack.DeliveriesAsync(decision));
    }

    [Fact]
    public async Task Replaces_what_was_prepared_before()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var section = await _stack.RecipientAsync(Audience.Sections);
        var decision = NewDecision();
        await _stack.PrepareAsync(decision, ([counsel], [counsel]));

        var replaced = await _stack.PrepareAsync(decision, ([section], []));

        Assert.Equal([Audience.Sections, Audience.Public], replaced.Waves.Select(static wave => wave.Audience));
        Assert.Equal([Audience.Public, Audience.Sections], replaced.Texts.Select(static text => text.Audience));
    }

    [Fact]
    public async Task Refuses_a_plan_of_a_decision_that_is_signed()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var (planned, unplanned) = (NewDecision(), NewDecision());
        await _stack.PrepareAsync(planned, ([counsel], []));
        await _stack.PublishAsync(Events.DecisionSigned(planned));
        await _stack.PublishAsync(Events.DecisionSigned(unplanned));

        Assert.Equal(
            (StatusCode.FailedPrecondition, "PLAN_STARTED"),
            await RefusalAsync(_stack.Client.PrepareRecipientPlanAsync(PlanRequest(planned, ([counsel], [])), _stack.Spokesperson)));
        Assert.Equal(
            (StatusCode.FailedPrecondition, "PLAN_STARTED"),
            await RefusalAsync(_stack.Client.PrepareRecipientPlanAsync(PlanRequest(unplanned, ([counsel], [])), _stack.Spokesperson)));
    }

    [Fact]
    public async Task Refuses_a_recipient_that_is_not_registered_or_belongs_to_another_audience()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var section = await _stack.RecipientAsync(Audience.Sections);
        var unknown = PlanRequest(NewDecision(), ([counsel], []));
        unknown.RecipientPlan.Waves[0].Recipients.Add("recipients/nobody");

        Assert.Equal((StatusCode.NotFound, "RECIPIENT_NOT_FOUND"), await RefusalAsync(_stack.Client.PrepareRecipientPlanAsync(unknown, _stack.Spokesperson)));
        Assert.Equal(
            ["recipient_plan.waves[0].recipients[1]"],
            await InvalidFieldsAsync(_stack.Client.PrepareRecipientPlanAsync(PlanRequest(NewDecision(), ([counsel, section], [])), _stack.Spokesperson)));
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        Assert.Equal(
            ["request_id", "recipient_plan.decision", "recipient_plan.waves"],
            await InvalidFieldsAsync(_stack.Client.PrepareRecipientPlanAsync(new PrepareRecipientPlanRequest(), _stack.Spokesperson)));

        var request = new PrepareRecipientPlanRequest
        {
            RequestId = NewRequestId(),
            RecipientPlan = new RecipientPlan
            {
                Decision = NewDecision(),
                Waves =
                {
                    new Wave { Audience = Audience.Staff },
                    new Wave { Audience = Audience.Sections, Recipients = { "recipients/a", "recipients/a", "x" }, MandatoryRecipients = { "recipients/b" } },
                    new Wave { Audience = Audience.Sections, Recipients = { "recipients/c" }, MandatoryRecipients = { "recipients/c" } },
                },
                Texts =
                {
                    new ApprovedText { Audience = Audience.Public, Text = new Contracts.Type.V1.LocalizedText { Language = "en", Text = " " } },
                    new ApprovedText { Audience = Audience.Public, Text = new Contracts.Type.V1.LocalizedText { Language = "EN", Text = "twice" } },
                },
            },
        };
        Assert.Equal(
            [
                "recipient_plan.waves[0].audience", "recipient_plan.waves[1].recipients[1]", "recipient_plan.waves[1].recipients[2]", "recipient_plan.waves[1].mandatory_recipients[0]",
                "recipient_plan.texts", "recipient_plan.waves[2].audience", "recipient_plan.texts", "recipient_plan.waves[2].mandatory_recipients",
                "recipient_plan.texts[0].text.text", "recipient_plan.texts[1]",
            ],
            await InvalidFieldsAsync(_stack.Client.PrepareRecipientPlanAsync(request, _stack.Spokesperson)));
    }

    [Fact]
    public async Task Is_for_spokespersons_and_reading_for_staff()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);

        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_MISSING"),
            await RefusalAsync(_stack.Client.PrepareRecipientPlanAsync(PlanRequest(NewDecision(), ([counsel], [])), _stack.Administrator)));
        Assert.Equal(
            (StatusCode.Unauthenticated, "CREDENTIAL_MISSING"),
            await RefusalAsync(_stack.Client.GetRecipientPlanAsync(new GetRecipientPlanRequest { Name = "recipientPlans/x" })));
        Assert.Equal(
            (StatusCode.NotFound, "PLAN_NOT_FOUND"),
            await RefusalAsync(_stack.Client.GetRecipientPlanAsync(new GetRecipientPlanRequest { Name = "recipientPlans/x" }, _stack.Auditor)));
        Assert.Equal(
            ["name"],
            await InvalidFieldsAsync(_stack.Client.GetRecipientPlanAsync(new GetRecipientPlanRequest { Name = "decisions/x" }, _stack.Auditor)));
    }
}
