using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>
/// Similar requests came from independent sources: evidence for a person to look at, not a verdict. One campaign is one entry of a dossier. Aggregate: the campaign; version 1.
/// </summary>
/// <param name="Subjects">Whom its requests are about, where they say; sorted.</param>
/// <param name="Requests">How many there were when it was raised; more may have joined since.</param>
/// <param name="Sources">How many independent sources; an organisation is one.</param>
/// <param name="FirstAt">The first request's receipt.</param>
/// <param name="LastAt">The last one's.</param>
/// <param name="Detector">Version of the rules that found it.</param>
[MessageUrn("poc.intake.v1.campaign-raised")]
public sealed record CampaignRaised(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, IReadOnlyList<string> Subjects, int Requests, int Sources, DateTimeOffset FirstAt, DateTimeOffset LastAt, string Detector) : IEvent;
