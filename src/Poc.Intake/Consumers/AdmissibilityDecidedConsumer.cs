using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Consumers;

/// <summary>Review judged a request.</summary>
internal sealed class AdmissibilityDecidedConsumer(Inbox inbox, ApplyAdmissibility slice) : IConsumer<AdmissibilityDecided>
{
    public Task Consume(ConsumeContext<AdmissibilityDecided> context) => inbox.ApplyAsync(context.Message, nameof(AdmissibilityDecidedConsumer), slice.HandleAsync, context.CancellationToken);
}
