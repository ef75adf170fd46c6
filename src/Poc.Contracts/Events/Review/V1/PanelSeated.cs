using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A panel may begin. Aggregate: the dossier; version 1.</summary>
/// <param name="Members"><c>staff/{s}</c>.</param>
[MessageUrn("poc.review.v1.panel-seated")]
public sealed record PanelSeated(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Subject, string Protocol, IReadOnlyList<string> Members, DateTimeOffset VotingEndsAt) : IEvent;
