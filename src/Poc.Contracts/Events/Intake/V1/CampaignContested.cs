using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>A partner that has requests in a campaign objects to it; the reasons are Intake's to show, and who objects is no news for those who judge. Aggregate: the campaign.</summary>
/// <param name="Subjects">Whom its requests are about, where they say; sorted.</param>
[MessageUrn("poc.intake.v1.campaign-contested")]
public sealed record CampaignContested(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, IReadOnlyList<string> Subjects) : IEvent;
