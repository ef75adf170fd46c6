using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Consumers;

/// <summary>A decision of Review is public.</summary>
internal sealed class DecisionAnnouncedConsumer(Inbox inbox, AnswerRequests slice) : IConsumer<DecisionAnnounced>
{
    public Task Consume(ConsumeContext<DecisionAnnounced> context) => inbox.ApplyAsync(context.Message, nameof(DecisionAnnouncedConsumer), slice.HandleAsync, context.CancellationToken);
}
