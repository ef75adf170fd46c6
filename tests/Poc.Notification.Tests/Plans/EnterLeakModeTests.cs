using Grpc.Core;
using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Notification.V1;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Plans;

public sealed class EnterLeakModeTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Tells_everyone_at_once_and_says_that_it_did()
    {
        var completed = await _stack.TapAsync<WaveCompleted>();
        var ended = await _stack.TapAsync<RecipientPlanCompleted>();
        var (counsel, section) = (await _stack.RecipientAsync(Audience.CounselAndFamily), await _stack.RecipientAsync(Audience.Sections));
        var (partner, press) = (await _stack.RecipientAsync(Audience.Partners), await _stack.RecipientAsync(Audience.Public));
        var decision = NewDecision();
        await _stack.PrepareAsync(decision, ([counsel], [counsel]), ([section], [section]), ([partner], []), ([press], []));
        await _stack.PublishAsync(Events.DecisionSigned(decision));
        var request = Request(decision);

        var plan = (await _stack.Client.EnterLeakModeAsync(request, _stack.Spokesperson)).RecipientPlan;
        var again = (await _stack.Client.EnterLeakModeAsync(request, _stack.Spokesperson)).RecipientPlan;

        Assert.Equal(plan, again);
        Assert.Equal((RecipientPlan.Types.State.Completed, true), (plan.State, plan.LeakMode));
        var entry = Assert.Single(plan.Overrides);
        Assert.Equal(("staff/spokesperson-1", request.Reason, 0), (entry.Staff, entry.Reason, entry.Wave));
        foreach (var recipient in new[] { counsel, section, partner, press })
        {
            await _stack.MailAsync(recipient);
        }

        Assert.Equal(
            [(1L, true), (2, true), (3, false), (4, false)],
            (await completed.AboutAsync(PlanName(decision), 4)).Select(static wave => (wave.Version, wave.Overridden)));
        Assert.True(Assert.Single(await ended.AboutAsync(PlanName(decision), 1)).LeakMode);

        // An acknowledgement that comes later is recorded and changes nothing else.
        await _stack.AcknowledgeAsync(counsel);
        Assert.Equal(plan, await _stack.PlanAsync(decision));
        Assert.Equal(
            (StatusCode.FailedPrecondition, "PLAN_COMPLETED"),
            await RefusalAsync(_stack.Client.EnterLeakModeAsync(Request(decision), _stack.Spokesperson)));
    }

    [Fact]
    public async Task Refuses_a_plan_that_is_unknown_or_has_not_started()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var decision = NewDecision();
        await _stack.PrepareAsync(decision, ([counsel], [counsel]));

        Assert.Equal(
            (StatusCode.NotFound, "PLAN_NOT_FOUND"),
            await RefusalAsync(_stack.Client.EnterLeakModeAsync(Request(NewDecision()), _stack.Spokesperson)));
        Assert.Equal(
            (StatusCode.FailedPrecondition, "PLAN_NOT_STARTED"),
            await RefusalAsync(_stack.Client.EnterLeakModeAsync(Request(decision), _stack.Spokesperson)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), await RefusalAsync(_stack.Client.EnterLeakModeAsync(Request(decision), _stack.Auditor)));
        Assert.Equal(
            ["request_id", "plan", "reason"],
            await InvalidFieldsAsync(_stack.Client.EnterLeakModeAsync(new EnterLeakModeRequest(), _stack.Spokesperson)));
    }

    private static EnterLeakModeRequest Request(string decision) => new() { RequestId = NewRequestId(), Plan = PlanName(decision), Reason = "A screenshot is public." };
}
