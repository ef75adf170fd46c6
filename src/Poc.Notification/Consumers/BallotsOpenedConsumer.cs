using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells the members of a panel that the ballots can be read, and subscribers.</summary>
internal sealed class BallotsOpenedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<BallotsOpened>
{
    public async Task Consume(ConsumeContext<BallotsOpened> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(BallotsOpenedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, BallotsOpened @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.BallotsOpened, @event.Aggregate), @event.Subject, duty: @event.Members);
}
