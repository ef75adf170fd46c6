using MassTransit;
using Poc.Contracts.Events.Review.V1;
using Poc.Intake.Subjects;
using Poc.Postgres;

namespace Poc.Intake.Consumers;

/// <summary>Review has a person on record.</summary>
internal sealed class SubjectRecordedConsumer(Inbox inbox, NoteSubject slice) : IConsumer<SubjectRecorded>
{
    public Task Consume(ConsumeContext<SubjectRecorded> context) => inbox.ApplyAsync(context.Message, nameof(SubjectRecordedConsumer), slice.HandleAsync, context.CancellationToken);
}
