using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Consumers;

/// <summary>A public act is on record that may have set off requests.</summary>
internal sealed class AmplificationEventRecordedConsumer(Inbox inbox, NoteAmplification slice) : IConsumer<AmplificationEventRecorded>
{
    public Task Consume(ConsumeContext<AmplificationEventRecorded> context) =>
        inbox.ApplyAsync(context.Message, nameof(AmplificationEventRecordedConsumer), slice.HandleAsync, context.CancellationToken);
}
