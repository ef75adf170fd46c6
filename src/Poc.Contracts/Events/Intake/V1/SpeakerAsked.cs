using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>Somebody entitled to speak for a subject is asked, over the channel registered beforehand, whether they speak. Aggregate: the check; version 1.</summary>
/// <param name="Recipient"><c>recipients/{r}</c> of Notification: the channel.</param>
/// <param name="Code">The secret that answers; Notification mails it as the message's reference. Of no use once the check is answered or its time is over.</param>
[MessageUrn("poc.intake.v1.speaker-asked")]
public sealed record SpeakerAsked(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Recipient, string Code) : IEvent;
