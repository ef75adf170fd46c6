using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells subscribers of a decision that is public.</summary>
internal sealed class DecisionAnnouncedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<DecisionAnnounced>
{
    public async Task Consume(ConsumeContext<DecisionAnnounced> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(DecisionAnnouncedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, DecisionAnnounced @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.DecisionAnnounced, @event.Aggregate), @event.Subject);
}
