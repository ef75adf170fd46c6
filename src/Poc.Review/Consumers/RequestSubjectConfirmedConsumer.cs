using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Consumers;

/// <summary>Staff said whom a request is about that only described a person.</summary>
internal sealed class RequestSubjectConfirmedConsumer(Inbox inbox, AdmitRequest slice) : IConsumer<RequestSubjectConfirmed>
{
    public Task Consume(ConsumeContext<RequestSubjectConfirmed> context) =>
        inbox.ApplyAsync(context.Message, nameof(RequestSubjectConfirmedConsumer), slice.HandleAsync, context.CancellationToken);
}
