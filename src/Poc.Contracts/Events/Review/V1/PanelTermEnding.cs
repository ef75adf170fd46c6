using MassTransit;

namespace Poc.Contracts.Events.Review.V1;

/// <summary>The term of a panel ends soon, or has ended with its ballots sealed still. Aggregate: the dossier; versions count what was told of its terms.</summary>
/// <param name="Lapsed">It has ended: a chair opens the ballots, or fills seats.</param>
/// <param name="Members"><c>staff/{s}</c> whose ballot counts and is outstanding.</param>
[MessageUrn("poc.review.v1.panel-term-ending")]
public sealed record PanelTermEnding(
    Guid EventId, string Aggregate, long Version, DateTimeOffset OccurredAt,
    string Subject, bool Lapsed, IReadOnlyList<string> Members, DateTimeOffset VotingEndsAt) : IEvent;
