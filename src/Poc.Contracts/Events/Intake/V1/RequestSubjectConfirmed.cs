using MassTransit;

namespace Poc.Contracts.Events.Intake.V1;

/// <summary>
/// A member of staff has said whom a request is about that only described a person. Aggregate: the request; version 1. It carries what is needed to judge the request
/// as <see cref="RequestReceived"/> does, so that neither event must wait for the other.
/// </summary>
/// <param name="Subject"><c>subjects/{s}</c>, or null: nobody on record.</param>
/// <param name="ReceivedAt">When the request was on disk.</param>
/// <param name="Partner">See <see cref="RequestReceived"/>; so for all that follow.</param>
[MessageUrn("poc.intake.v1.request-subject-confirmed")]
public sealed record RequestSubjectConfirmed(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt, string? Subject, DateTimeOffset ReceivedAt,
    string Partner, string Kind, IReadOnlyList<string> CitedStatements, IReadOnlyList<string> Criteria, string Relation, bool Urgent, string Language, string TextSha256) : IEvent;
