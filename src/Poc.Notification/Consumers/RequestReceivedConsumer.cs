using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells subscribers of a request; at once where its sender gave a reason why it cannot wait, and else not by mail while a burst about its subject is open.</summary>
internal sealed class RequestReceivedConsumer(Inbox inbox, Notices notices, Bursts bursts, InboxBackplane backplane) : IConsumer<RequestReceived>
{
    public async Task Consume(ConsumeContext<RequestReceived> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(RequestReceivedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private async Task TellAsync(Tx tx, RequestReceived @event) =>
        await notices.TellAsync(tx, new Cause(@event.EventId, EventKind.RequestReceived, @event.Aggregate), new Whom(@event.Subject is { } subject ? [subject] : [])
        {
            Urgent = @event.Urgent,
            InInboxAlone = !@event.Urgent && await bursts.IsOpenAsync(tx, @event.Subject),
        });
}
