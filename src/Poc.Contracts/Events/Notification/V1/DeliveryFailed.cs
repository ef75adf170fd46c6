using MassTransit;

namespace Poc.Contracts.Events.Notification.V1;

/// <summary>A message was given up after all attempts. Aggregate: the delivery; version 1.</summary>
/// <param name="Code">What the channel answered last, for example <c>550</c>.</param>
[MessageUrn("poc.notification.v1.delivery-failed")]
public sealed record DeliveryFailed(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Recipient, string Channel, string Code) : IEvent;
