using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A decision is in force, under embargo. Aggregate: the decision; version 1.</summary>
/// <param name="Outcome">For example <c>LABEL_WITHDRAWN</c>.</param>
/// <param name="ContentSha256">SHA-256 of the canonical JSON that was signed, lower-case hex.</param>
/// <param name="Corrects">The decision it corrects: whoever was told of that is told of this. Or null.</param>
/// <param name="MandatoryAudiences">Audiences that the protocol says must be told before the public, in order, for example <c>COUNSEL_AND_FAMILY</c>.</param>
[MessageUrn("poc.review.v1.decision-signed")]
public sealed record DecisionSigned(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Dossier, string Subject, string Episode, string Outcome, string Protocol, string ContentSha256, string? Corrects, IReadOnlyList<string> MandatoryAudiences) : IEvent;
