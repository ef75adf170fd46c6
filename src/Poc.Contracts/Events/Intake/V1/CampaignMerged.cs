using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>A campaign turned out to be part of an older one, with all its requests and all that was said of it. Aggregate: the younger campaign; version 1.</summary>
/// <param name="Into"><c>campaigns/{c}</c> that stands for it from now on.</param>
[MessageUrn("poc.intake.v1.campaign-merged")]
public sealed record CampaignMerged(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Into) : IEvent;
