using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Consumers;

/// <summary>Intake has a request on disk.</summary>
internal sealed class RequestReceivedConsumer(Inbox inbox, AdmitRequest slice) : IConsumer<RequestReceived>
{
    public Task Consume(ConsumeContext<RequestReceived> context) =>
        inbox.ApplyAsync(context.Message, nameof(RequestReceivedConsumer), slice.HandleAsync, context.CancellationToken);
}
