using MassTransit;
using Poc.Contracts.Events.Notification.V1;
using Poc.Postgres;
using Poc.Review.Decisions;
using Poc.Review.Register;

namespace Poc.Review.Consumers;

/// <summary>Everybody who must be told before the public was told.</summary>
internal sealed class RecipientPlanCompletedConsumer(Inbox inbox, PublishDecision slice, RegisterNews register) : IConsumer<RecipientPlanCompleted>
{
    public Task Consume(ConsumeContext<RecipientPlanCompleted> context) =>
        register.FollowAsync(inbox.ApplyAsync(context.Message, nameof(RecipientPlanCompletedConsumer), slice.HandleAsync, context.CancellationToken));
}
