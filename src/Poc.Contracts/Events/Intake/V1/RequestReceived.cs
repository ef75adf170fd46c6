using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>A partner's request is on disk. Aggregate: the request; version 1.</summary>
/// <param name="Partner"><c>partners/{p}</c>; never an input to a criterion.</param>
/// <param name="Kind">Name of the request kind: <c>DESIGNATE</c>, <c>DELIST</c>, <c>RECONSIDER</c>, <c>EVIDENCE</c> or <c>WITHDRAW</c>.</param>
/// <param name="Subject"><c>subjects/{s}</c>, or null where the partner described a person not on record.</param>
/// <param name="CitedStatements">Names of statements the archive has.</param>
/// <param name="Criteria">Ids of protocol criteria the request says it addresses.</param>
/// <param name="Urgent">The partner gave a reason why it cannot wait.</param>
/// <param name="TextSha256">SHA-256 of the text, lower-case hex: equal texts can be seen without sending them.</param>
[MessageUrn("poc.intake.v1.request-received")]
public sealed record RequestReceived(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Partner, string Kind, string? Subject, IReadOnlyList<string> CitedStatements, IReadOnlyList<string> Criteria,
    string Relation, bool Urgent, string Language, string TextSha256) : IEvent;
