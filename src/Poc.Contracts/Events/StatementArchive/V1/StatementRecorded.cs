using MassTransit;

namespace Poc.Contracts.Events.StatementArchive.V1;

/// <summary>A statement is archived. Aggregate: the statement; version 1.</summary>
/// <param name="ContentSha256">SHA-256 of its content, lower-case hex.</param>
[MessageUrn("poc.statement-archive.v1.statement-recorded")]
public sealed record StatementRecorded(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Subject, string ContentSha256, long LogIndex) : IEvent;
