using MassTransit;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells subscribers of a statement that was archived.</summary>
internal sealed class StatementRecordedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<StatementRecorded>
{
    public async Task Consume(ConsumeContext<StatementRecorded> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(StatementRecordedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, StatementRecorded @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.StatementRecorded, @event.Aggregate), @event.Subject);
}
