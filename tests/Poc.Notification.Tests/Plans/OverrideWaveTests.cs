using Grpc.Core;
using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Plans;

public sealed class OverrideWaveTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Opens_the_next_wave_once_and_keeps_who_and_why()
    {
        var completed = await _stack.TapAsync<WaveCompleted>();
        var (decision, section) = await RunningAsync();
        var request = Request(decision);

        var plan = (await _stack.Client.OverrideWaveAsync(request, _stack.Spokesperson)).RecipientPlan;
        var again = (await _stack.Client.OverrideWaveAsync(request, _stack.Spokesperson)).RecipientPlan;

        Assert.Equal(plan, again);
        Assert.Equal([true, true, false], plan.Waves.Select(static wave => wave.OpenedAt is not null));
        var entry = Assert.Single(plan.Overrides);
        Assert.Equal(("staff/spokesperson-1", request.Reason, 2), (entry.Staff, entry.Reason, entry.Wave));
        Assert.NotNull(entry.MadeAt);
        await _stack.AcknowledgeAsync(section);
        Assert.Equal(
            [(1L, true), (2, false), (3, false)],
            (await completed.AboutAsync(PlanName(decision), 3)).Select(static wave => (wave.Version, wave.Overridden)));
        Assert.Equal(
            (StatusCode.FailedPrecondition, "PLAN_COMPLETED"),
            await RefusalAsync(_stack.Client.OverrideWaveAsync(Request(decision), _stack.Spokesperson)));
    }

    [Fact]
    public async Task Refuses_a_plan_that_is_unknown_or_has_not_started()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var decision = NewDecision();
        await _stack.PrepareAsync(decision, ([counsel], [counsel]));

        Assert.Equal((StatusCode.NotFound, "PLAN_NOT_FOUND"), await RefusalAsync(_stack.Client.OverrideWaveAsync(Request(NewDecision()), _stack.Spokesperson)));
        Assert.Equal(
            (StatusCode.FailedPrecondition, "PLAN_NOT_STARTED"),
            await RefusalAsync(_stack.Client.OverrideWaveAsync(Request(decision), _stack.Spokesperson)));
    }

    [Fact]
    public async Task Wants_a_reason_from_a_spokesperson_or_an_approver()
    {
        var (decision, _) = await RunningAsync();
        var silent = Request(decision);
        silent.Reason = " ";

        Assert.Equal(["reason"], await InvalidFieldsAsync(_stack.Client.OverrideWaveAsync(silent, _stack.Spokesperson)));
        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_MISSING"),
            await RefusalAsync(_stack.Client.OverrideWaveAsync(Request(decision), _stack.Administrator)));
        var plan = (await _stack.Client.OverrideWaveAsync(Request(decision), _stack.As("approver-1", Roles.Approver))).RecipientPlan;
        Assert.Equal("staff/approver-1", plan.Overrides[0].Staff);
    }

    private static OverrideWaveRequest Request(string decision) =>
        new() { RequestId = NewRequestId(), Plan = PlanName(decision), Reason = "Counsel cannot be reached before the hearing." };

    private async Task<(string Decision, Recipient Section)> RunningAsync()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var section = await _stack.RecipientAsync(Audience.Sections);
        var decision = NewDecision();
        await _stack.PrepareAsync(decision, ([counsel], [counsel]), ([section], [section]));
        await _stack.PublishAsync(Events.DecisionSigned(decision));
        return (decision, section);
    }
}
