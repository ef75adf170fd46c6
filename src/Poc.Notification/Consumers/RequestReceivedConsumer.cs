using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells subscribers of a request; at once where its sender gave a reason why it cannot wait.</summary>
internal sealed class RequestReceivedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<RequestReceived>
{
    public async Task Consume(ConsumeContext<RequestReceived> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(RequestReceivedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, RequestReceived @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.RequestReceived, @event.Aggregate), @event.Subject, urgent: @event.Urgent);
}
