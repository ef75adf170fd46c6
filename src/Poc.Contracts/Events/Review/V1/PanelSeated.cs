using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A panel may begin, or somebody takes the seat of a member who stepped back. Aggregate: the dossier; version 1 is the panel's, one more comes with each replacement.</summary>
/// <param name="Members"><c>staff/{s}</c> who were seated by it: all, or who is new.</param>
[MessageUrn("poc.review.v1.panel-seated")]
public sealed record PanelSeated(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Subject, string Protocol, IReadOnlyList<string> Members, DateTimeOffset VotingEndsAt) : IEvent;
