using MassTransit;

namespace Poc.Contracts.Events.StatementArchive.V1;

/// <summary>Something says that the archive's log, or what it commits to, is not what it was. Aggregate: <c>audits/{a}</c> or <c>witnessAlarms/{w}</c>; version 1.</summary>
/// <param name="Cause"><see cref="ByAudit"/> or <see cref="ByWitness"/>.</param>
[MessageUrn("poc.statement-archive.v1.log-alarm-raised")]
public sealed record LogAlarmRaised(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Cause) : IEvent
{
    /// <summary>An audit read things that are not as they were logged; told at its first finding.</summary>
    public const string ByAudit = "AUDIT";

    /// <summary>A witness knows another log under the archive's name.</summary>
    public const string ByWitness = "WITNESS";
}
