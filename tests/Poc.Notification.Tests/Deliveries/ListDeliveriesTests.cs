using Grpc.Core;
using Poc.Contracts.Notification.V1;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Deliveries;

public sealed class ListDeliveriesTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Gives_each_delivery_of_a_plan_once_over_all_pages_oldest_first()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var sections = new List<Recipient>();
        for (var i = 0; i < 6; i++)
        {
            sections.Add(await _stack.RecipientAsync(Audience.Sections));
        }

        var decision = NewDecision();
        await _stack.PrepareAsync(decision, ([counsel], [counsel]), ([.. sections], []));
        await _stack.PublishAsync(Events.DecisionSigned(decision));
        await _stack.AcknowledgeAsync(counsel);

        var all = new List<Delivery>();
        var request = new ListDeliveriesRequest { Plan = PlanName(decision), PageSize = 3 };
        var pages = 0;
        do
        {
            var page = await _stack.Client.ListDeliveriesAsync(request, _stack.Auditor);
            all.AddRange(page.Deliveries);
            request.PageToken = page.NextPageToken;
            pages++;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(3, pages);
        Assert.Equal(counsel.Name, all[0].Recipient);
        Assert.Equal(sections.Select(static section => section.Name).Order(), all.Skip(1).Select(static delivery => delivery.Recipient).Order());
        Assert.All(all, static delivery => Assert.Equal(Channel.Email, delivery.Channel));
        Assert.Equal([1, 2, 2, 2, 2, 2, 2], all.Select(static delivery => delivery.Wave));
    }

    [Fact]
    public async Task Gives_what_was_told_to_one_recipient_over_all_channels()
    {
        var subject = NewSubject();
        var member = await _stack.RecipientAsync(Audience.Staff, email: $"{NewId("member")}@story.example");
        await _stack.PublishAsync(Events.PanelSeated(subject, member.Staff));

        var deliveries = await _stack.DeliveriesToAsync(member);

        Assert.Equal([Channel.Email, Channel.Inbox], deliveries.Select(static delivery => delivery.Channel).Order());
        Assert.All(
            deliveries,
            delivery => Assert.Equal((member.Name, "", 0, NotificationClass.Duty), (delivery.Recipient, delivery.Plan, delivery.Wave, delivery.NotificationClass)));
        Assert.NotNull(deliveries.Single(static delivery => delivery.Channel == Channel.Inbox).SentAt);
    }

    [Fact]
    public async Task Refuses_a_page_token_of_another_list_and_names_that_are_none()
    {
        Assert.Equal(
            ["plan", "recipient"],
            await InvalidFieldsAsync(_stack.Client.ListDeliveriesAsync(new ListDeliveriesRequest { Plan = "x", Recipient = "y" }, _stack.Auditor)));
        Assert.Equal(
            (StatusCode.InvalidArgument, "PAGE_TOKEN_INVALID"),
            await RefusalAsync(_stack.Client.ListDeliveriesAsync(new ListDeliveriesRequest { PageToken = "x" }, _stack.Auditor)));
        Assert.Equal((StatusCode.Unauthenticated, "CREDENTIAL_MISSING"), await RefusalAsync(_stack.Client.ListDeliveriesAsync(new ListDeliveriesRequest())));
    }
}
