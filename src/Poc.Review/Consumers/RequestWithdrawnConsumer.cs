using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Consumers;

/// <summary>A partner took a request back.</summary>
internal sealed class RequestWithdrawnConsumer(Inbox inbox, WithdrawRequest slice) : IConsumer<RequestWithdrawn>
{
    public Task Consume(ConsumeContext<RequestWithdrawn> context) =>
        inbox.ApplyAsync(context.Message, nameof(RequestWithdrawnConsumer), slice.HandleAsync, context.CancellationToken);
}
