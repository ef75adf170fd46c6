using MassTransit;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells auditors and administrators at once that the archive's log, or what it commits to, may have been changed.</summary>
internal sealed class LogAlarmRaisedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<LogAlarmRaised>
{
    public async Task Consume(ConsumeContext<LogAlarmRaised> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(LogAlarmRaisedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, LogAlarmRaised @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.LogAlarmRaised, @event.Aggregate), new Whom([]) { Urgent = true, Roles = [Roles.Auditor, Roles.Administrator] });
}
