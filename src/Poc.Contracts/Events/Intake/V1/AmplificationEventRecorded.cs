using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>A public act that may have set off a burst is on record. Aggregate: the amplification event; version 1.</summary>
/// <param name="OccurredOn">Day of the act.</param>
/// <param name="Statement">The statement it took up, or null.</param>
[MessageUrn("poc.intake.v1.amplification-event-recorded")]
public sealed record AmplificationEventRecorded(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Subject, DateOnly OccurredOn, string? Statement) : IEvent;
