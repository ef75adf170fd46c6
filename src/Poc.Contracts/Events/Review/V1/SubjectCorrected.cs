using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A person's names are other ones than were on record. Aggregate: the subject; version: from 1, each correction one more.</summary>
/// <param name="NativeName">In the person's own script, from now on.</param>
/// <param name="Script">ISO 15924 code of that script.</param>
/// <param name="Transliterations">Ways it is written in other scripts, from now on.</param>
[MessageUrn("poc.review.v1.subject-corrected")]
public sealed record SubjectCorrected(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string NativeName, string Script, IReadOnlyList<string> Transliterations) : IEvent;
