using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A person is on record. Aggregate: the subject; version 1.</summary>
/// <param name="NativeName">In the person's own script.</param>
/// <param name="Script">ISO 15924 code of that script.</param>
/// <param name="Transliterations">Ways it is written in other scripts.</param>
[MessageUrn("poc.review.v1.subject-recorded")]
public sealed record SubjectRecorded(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string NativeName, string Script, IReadOnlyList<string> Transliterations) : IEvent;
