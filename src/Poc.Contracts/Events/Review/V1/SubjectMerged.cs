using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A subject turned out to be the same person as another, under which both are read from now on. Aggregate: the subject; version: from 1, each merge of it one more.</summary>
/// <param name="Into">The other subject.</param>
[MessageUrn("poc.review.v1.subject-merged")]
public sealed record SubjectMerged(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Into) : IEvent;
