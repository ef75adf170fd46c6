using MassTransit;

namespace Poc.Contracts.Events.StatementArchive.V1;

/// <summary>A statement's retraction ledger grew. Aggregate: the statement; version: number of the entry in the ledger.</summary>
/// <param name="Entry">Resource name of the entry.</param>
/// <param name="Finding"><c>FULL</c>, <c>PARTIAL</c>, <c>AGAINST</c> or <c>NONE_FOUND</c>.</param>
/// <param name="State">What the ledger folds to with it, for example <c>RESTATED</c>.</param>
[MessageUrn("poc.statement-archive.v1.retraction-recorded")]
public sealed record RetractionRecorded(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Entry, string Finding, string State) : IEvent;
