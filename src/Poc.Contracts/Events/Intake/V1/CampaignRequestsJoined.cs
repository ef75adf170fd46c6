using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>
/// Requests are part of a campaign: those it was raised with, and later those that came or were found since. Each request is told of once, for it leaves a campaign only together with
/// all of it (<see cref="CampaignMerged"/>). Aggregate: the campaign.
/// </summary>
/// <param name="Requests"><c>partners/{p}/requests/{r}</c>, at most 500 in an event.</param>
[MessageUrn("poc.intake.v1.campaign-requests-joined")]
public sealed record CampaignRequestsJoined(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, IReadOnlyList<string> Requests) : IEvent;
