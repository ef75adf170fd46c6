using Grpc.Core;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Recipients;

public sealed class CreateSubscriptionTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Lets_staff_subscribe_themselves_and_nobody_else()
    {
        var own = await _stack.RecipientAsync(Audience.Staff);
        var other = await _stack.RecipientAsync(Audience.Staff);
        var caller = _stack.As(own.Staff, Roles.Reviewer);

        var created = await _stack.Client.CreateSubscriptionAsync(Request(own.Name), caller);

        Assert.StartsWith($"{own.Name}/subscriptions/", created.Subscription.Name, StringComparison.Ordinal);
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), await RefusalAsync(_stack.Client.CreateSubscriptionAsync(Request(other.Name), caller)));
        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_MISSING"),
            await RefusalAsync(_stack.Client.CreateSubscriptionAsync(Request("recipients/nobody"), caller)));
    }

    [Fact]
    public async Task Refuses_a_recipient_that_is_not_registered() => Assert.Equal(
        (StatusCode.NotFound, "RECIPIENT_NOT_FOUND"), await RefusalAsync(_stack.Client.CreateSubscriptionAsync(Request("recipients/nobody"), _stack.Administrator)));

    [Fact]
    public async Task Refuses_a_channel_that_the_recipient_does_not_have()
    {
        var staff = await _stack.RecipientAsync(Audience.Staff);
        var partner = await _stack.RecipientAsync(Audience.Partners);

        Assert.Equal(
            ["subscription.channels"],
            await InvalidFieldsAsync(_stack.Client.CreateSubscriptionAsync(Request(staff.Name, Channel.Email), _stack.Administrator)));
        Assert.Equal(
            ["subscription.channels"],
            await InvalidFieldsAsync(_stack.Client.CreateSubscriptionAsync(Request(partner.Name, Channel.Inbox), _stack.Administrator)));
    }

    [Theory]
    [InlineData(EventKind.PanelSeated)]
    [InlineData(EventKind.BallotsOpened)]
    [InlineData(EventKind.PanelTermEnding)]
    [InlineData(EventKind.DecisionSigned)]
    [InlineData(EventKind.CampaignRaised)]
    [InlineData(EventKind.CampaignContested)]
    public async Task Keeps_what_is_under_embargo_and_campaigns_from_all_but_staff(EventKind kind)
    {
        var partner = await _stack.RecipientAsync(Audience.Partners);
        var request = Request(partner.Name, Channel.Email);
        request.Subscription.EventKind = kind;

        Assert.Equal(["subscription.event_kind"], await InvalidFieldsAsync(_stack.Client.CreateSubscriptionAsync(request, _stack.Administrator)));
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var request = new CreateSubscriptionRequest { Parent = "staff/x", Subscription = new Subscription { Subject = "x", Channels = { Channel.Unspecified } } };

        Assert.Equal(
            ["request_id", "parent", "subscription.event_kind", "subscription.channels[0]", "subscription.subject"],
            await InvalidFieldsAsync(_stack.Client.CreateSubscriptionAsync(request, _stack.Administrator)));
    }

    private static CreateSubscriptionRequest Request(string parent, Channel channel = Channel.Inbox) =>
        new() { RequestId = NewRequestId(), Parent = parent, Subscription = new Subscription { EventKind = EventKind.DecisionAnnounced, Channels = { channel } } };
}
