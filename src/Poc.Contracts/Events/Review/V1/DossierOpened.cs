using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>A review began. Aggregate: the dossier; version 1.</summary>
/// <param name="Question"><c>DESIGNATE</c>, <c>DELIST</c>, <c>REDESIGNATE</c> or <c>APPEAL</c>.</param>
[MessageUrn("poc.review.v1.dossier-opened")]
public sealed record DossierOpened(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Question, string Subject, string? Episode) : IEvent;
