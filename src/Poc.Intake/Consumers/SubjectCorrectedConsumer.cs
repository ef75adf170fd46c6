using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Intake.Subjects;
using Poc.Postgres;

namespace Poc.Intake.Consumers;

/// <summary>Review has other names of a person than before.</summary>
internal sealed class SubjectCorrectedConsumer(Inbox inbox, NoteSubject slice) : IConsumer<SubjectCorrected>
{
    public Task Consume(ConsumeContext<SubjectCorrected> context) => inbox.ApplyAsync(context.Message, nameof(SubjectCorrectedConsumer), slice.HandleAsync, context.CancellationToken);
}
