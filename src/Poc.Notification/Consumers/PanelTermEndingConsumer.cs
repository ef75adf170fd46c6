using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Reminds the members of a panel whose ballots are outstanding; once their term has ended, it is panel chairs who must act. Subscribers are told of both.</summary>
internal sealed class PanelTermEndingConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<PanelTermEnding>
{
    public async Task Consume(ConsumeContext<PanelTermEnding> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(PanelTermEndingConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, PanelTermEnding @event) => notices.TellAsync(
        tx, new Cause(@event.EventId, EventKind.PanelTermEnding, @event.Aggregate),
        @event.Lapsed ? new Whom([@event.Subject]) { Urgent = true, Roles = [Roles.PanelChair] } : new Whom([@event.Subject]) { Duty = @event.Members });
}
