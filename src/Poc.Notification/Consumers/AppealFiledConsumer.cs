using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells subscribers of an appeal.</summary>
internal sealed class AppealFiledConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<AppealFiled>
{
    public async Task Consume(ConsumeContext<AppealFiled> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(AppealFiledConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, AppealFiled @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.AppealFiled, @event.Aggregate), @event.Subject);
}
