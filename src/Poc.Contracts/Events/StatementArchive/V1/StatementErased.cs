using MassTransit;

namespace Poc.Contracts.Events.StatementArchive.V1;

/// <summary>A statement was erased: its words are gone, its proof is not. Aggregate: the statement; version 1.</summary>
/// <param name="Reason">Why, for example <c>LegalOrder</c>.</param>
[MessageUrn("poc.statement-archive.v1.statement-erased")]
public sealed record StatementErased(Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Reason) : IEvent;
