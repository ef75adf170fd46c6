using MassTransit;

namespace Poc.Contracts.Events.Notification.V1;

/// <summary>All waves of a plan are open: the decision may be public. Aggregate: the plan; version 1.</summary>
[MessageUrn("poc.notification.v1.recipient-plan-completed")]
public sealed record RecipientPlanCompleted(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Decision, bool LeakMode) : IEvent;
