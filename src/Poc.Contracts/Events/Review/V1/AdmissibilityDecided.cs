using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A request was found admissible and joined a dossier, or was found inadmissible. Aggregate: the request; version: how often it was judged, from 1.</summary>
/// <param name="Dossier">Null when inadmissible.</param>
/// <param name="ReasonCode">For example <c>ADDRESSES_NO_CRITERION</c>; empty when admissible.</param>
/// <param name="Detail">The rule behind it, in words that go to the requester.</param>
[MessageUrn("poc.review.v1.admissibility-decided")]
public sealed record AdmissibilityDecided(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    bool Admissible, string? Dossier, string ReasonCode, string Detail) : IEvent;
