using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells the members of a panel, whose duty it is, and subscribers.</summary>
internal sealed class PanelSeatedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<PanelSeated>
{
    public async Task Consume(ConsumeContext<PanelSeated> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(PanelSeatedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, PanelSeated @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.PanelSeated, @event.Aggregate), @event.Subject, duty: @event.Members);
}
