using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>A partner took a request back. Aggregate: the request that was taken back; version 1.</summary>
/// <param name="By">Name of the request that took it back.</param>
[MessageUrn("poc.intake.v1.request-withdrawn")]
public sealed record RequestWithdrawn(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string By) : IEvent;
