using MassTransit;

namespace Poc.Contracts.Events.Notification.V1;

/// <summary>All mandatory recipients of a wave acknowledged, or somebody overrode that. Aggregate: the plan; version: number of the wave.</summary>
[MessageUrn("poc.notification.v1.wave-completed")]
public sealed record WaveCompleted(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Decision, bool Overridden) : IEvent;
