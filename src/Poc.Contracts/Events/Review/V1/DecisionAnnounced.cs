using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A decision is public. Aggregate: the decision; version 1.</summary>
/// <param name="LeakMode">Everyone was told at once, because it had leaked.</param>
[MessageUrn("poc.review.v1.decision-announced")]
public sealed record DecisionAnnounced(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Dossier, string Subject, string Outcome, bool LeakMode) : IEvent;
