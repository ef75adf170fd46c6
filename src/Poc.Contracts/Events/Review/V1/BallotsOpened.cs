using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>All ballots are in, or the term ended: they can be read. Aggregate: the dossier; version 1.</summary>
/// <param name="Members"><c>staff/{s}</c> of the panel.</param>
[MessageUrn("poc.review.v1.ballots-opened")]
public sealed record BallotsOpened(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Subject, IReadOnlyList<string> Members) : IEvent;
