using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Notification.Plans;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells subscribed staff of a signed decision and starts its plan, in one transaction.</summary>
internal sealed class DecisionSignedConsumer(Inbox inbox, Notices notices, StartPlan startPlan, InboxBackplane backplane) : IConsumer<DecisionSigned>
{
    public async Task Consume(ConsumeContext<DecisionSigned> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(DecisionSignedConsumer), ApplyAsync, context.CancellationToken);
        backplane.Announce();
    }

    private async Task ApplyAsync(Tx tx, DecisionSigned @event)
    {
        await startPlan.HandleAsync(tx, @event);
        await notices.TellAsync(tx, new Cause(@event.EventId, EventKind.DecisionSigned, @event.Aggregate), @event.Subject);
    }
}
