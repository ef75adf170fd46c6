using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A subject is another person after all than the one it was merged into. Aggregate: the subject; version: from 1, each separation of it one more.</summary>
/// <param name="From">The subject under which it was read.</param>
[MessageUrn("poc.review.v1.subject-separated")]
public sealed record SubjectSeparated(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string From) : IEvent;
