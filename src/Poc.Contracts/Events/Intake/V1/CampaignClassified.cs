using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>A person said what a campaign is; the last classification holds, earlier ones stay on record. Aggregate: the campaign.</summary>
/// <param name="Classification"><c>DECLARED_TEMPLATE</c>, <c>SHARED_REACTION</c>, <c>UNDETERMINED</c> or <c>SUSPECTED</c>.</param>
/// <param name="ClassifiedBy">Who said so, <c>staff/{staff}</c>.</param>
[MessageUrn("poc.intake.v1.campaign-classified")]
public sealed record CampaignClassified(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Classification, string ClassifiedBy) : IEvent;
