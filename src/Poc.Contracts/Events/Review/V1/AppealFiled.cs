using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>An appeal against a decision has a dossier of its own. Aggregate: that dossier; version 1.</summary>
[MessageUrn("poc.review.v1.appeal-filed")]
public sealed record AppealFiled(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Decision, string Subject) : IEvent;
