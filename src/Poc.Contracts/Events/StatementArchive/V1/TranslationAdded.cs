using MassTransit;

namespace Poc.Contracts.Events.StatementArchive.V1;

/// <summary>A statement has a further translation. Aggregate: the statement; version: its number among all translations of the statement.</summary>
/// <param name="Language">BCP 47.</param>
/// <param name="TranslationVersion">From 1 within the language.</param>
[MessageUrn("poc.statement-archive.v1.translation-added")]
public sealed record TranslationAdded(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string Language, int TranslationVersion) : IEvent;
