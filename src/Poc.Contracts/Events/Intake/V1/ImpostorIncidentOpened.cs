using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>Somebody has claimed to speak for a subject, and who may speak says they did not. Aggregate: the incident; version 1.</summary>
/// <param name="Subject"><c>subjects/{s}</c>.</param>
/// <param name="Request">The request made in their name, or null for a contact of another kind.</param>
/// <param name="Speaker"><c>subjects/{s}/speakers/{p}</c> in whose name it was, or null.</param>
[MessageUrn("poc.intake.v1.impostor-incident-opened")]
public sealed record ImpostorIncidentOpened(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Subject, string? Request, string? Speaker) : IEvent;
