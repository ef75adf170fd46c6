using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells subscribers of a review that began.</summary>
internal sealed class DossierOpenedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<DossierOpened>
{
    public async Task Consume(ConsumeContext<DossierOpened> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(DossierOpenedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, DossierOpened @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.DossierOpened, @event.Aggregate), @event.Subject);
}
