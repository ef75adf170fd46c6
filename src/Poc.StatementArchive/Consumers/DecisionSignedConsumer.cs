using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Postgres;
using Poc.StatementArchive.Log;

namespace Poc.StatementArchive.Consumers;

/// <summary>Hears of signed decisions.</summary>
public sealed class DecisionSignedConsumer(Inbox inbox, RecordDecision slice) : IConsumer<DecisionSigned>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<DecisionSigned> context)
        => inbox.ApplyAsync(context.Message, nameof(DecisionSignedConsumer), slice.HandleAsync, context.CancellationToken);
}
