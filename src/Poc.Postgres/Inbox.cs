using System.Text.Json;
using Poc.Contracts.Events;

namespace Poc.Postgres;

/// <summary>
/// What makes an event that is delivered at least once take effect once and in order. In one transaction with the effect it remembers the event's id for the
/// consumer and, per (consumer, aggregate, event type), the last version: n+1 is applied, what is beyond a gap is parked and applied together with the event
/// that closes the gap, what is not above n is ignored.
/// </summary>
/// <remarks>
/// If applying a parked event fails, the transaction of the event that closed its gap fails with it: that message is retried and ends in the error queue with
/// the reason, nothing is lost and order is kept; replaying it applies both. A consumer sees an aggregate from its version 1: one that is added later to a
/// running system must first set <c>inbox_versions</c> for what it has already learnt by other means.
/// </remarks>
public sealed class Inbox(Database database)
{
    // No row: this consumer has taken the event before. Otherwise the version row stays locked, so that twins and successors wait for each other.
    private const string TakeSql = """
        WITH taken AS (
            INSERT INTO inbox (event_id, consumer) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT pk_inbox DO NOTHING RETURNING 1)
        INSERT INTO inbox_versions AS known (consumer, aggregate, urn, version)
        SELECT $2, $3, $4, 0 FROM taken
        ON CONFLICT ON CONSTRAINT pk_inbox_versions DO UPDATE SET version = known.version
        RETURNING known.version
        """;

    private const string ParkSql = """
        INSERT INTO inbox_parked (consumer, aggregate, urn, version, event_id, body) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT ON CONSTRAINT pk_inbox_parked DO NOTHING
        """;

    private const string UnparkSql = """
        DELETE FROM inbox_parked WHERE consumer = $1 AND aggregate = $2 AND urn = $3 AND version = $4 RETURNING body
        """;

    private const string AdvanceSql = """
        UPDATE inbox_versions SET version = $4 WHERE consumer = $1 AND aggregate = $2 AND urn = $3
        """;

    private const string ForgetSql = """
        DELETE FROM inbox WHERE received_at < now() - $1
        """;

    /// <summary>Applies an event once. A repetition, an event already overtaken and one beyond a gap return without a call of <paramref name="apply"/>.</summary>
    /// <param name="event">What was received.</param>
    /// <param name="consumer">Name of the consumer, unique in its service and the same for ever: it is part of the key.</param>
    /// <param name="apply">The effect, in the given transaction and nowhere else: it may be run again after a rollback.</param>
    /// <param name="cancellation">Rolls back.</param>
    public Task ApplyAsync<TEvent>(TEvent @event, string consumer, Func<Tx, TEvent, Task> apply, CancellationToken cancellation)
        where TEvent : class, IEvent =>
        database.InTransactionAsync(tx => ApplyAsync(tx, @event, consumer, apply), cancellation);

    /// <summary>
    /// Removes rows older than <paramref name="age"/>; gives their number. An older repetition is still ignored, because its version was applied.
    /// </summary>
    public Task<int> ForgetAsync(TimeSpan age, CancellationToken cancellation) =>
        database.InTransactionAsync(tx => tx.ExecuteAsync(ForgetSql, age), cancellation);

    private static async Task ApplyAsync<TEvent>(Tx tx, TEvent @event, string consumer, Func<Tx, TEvent, Task> apply)
        where TEvent : class, IEvent
    {
        var urn = EventCatalogue.UrnOf(typeof(TEvent));
        var known = await tx.QuerySingleOrDefaultAsync<long?>(TakeSql, row => row.GetInt64(0), @event.EventId, consumer, @event.Aggregate, urn);
        if (known is not { } version || @event.Version <= version)
        {
            return;
        }

        if (@event.Version > version + 1)
        {
            await tx.ExecuteAsync(ParkSql, consumer, @event.Aggregate, urn, @event.Version, @event.EventId, JsonSerializer.Serialize(@event, EventCatalogue.Json));
            return;
        }

        var next = @event;
        do
        {
            await apply(tx, next);
            version = next.Version;
            next = await UnparkAsync<TEvent>(tx, consumer, @event.Aggregate, urn, version + 1);
        }
        while (next is not null);

        await tx.ExecuteAsync(AdvanceSql, consumer, @event.Aggregate, urn, version);
    }

    private static async Task<TEvent?> UnparkAsync<TEvent>(Tx tx, string consumer, string aggregate, string urn, long version)
        where TEvent : class, IEvent
    {
        var body = await tx.QuerySingleOrDefaultAsync(UnparkSql, row => row.GetString(0), consumer, aggregate, urn, version);
        return body is null ? null : JsonSerializer.Deserialize<TEvent>(body, EventCatalogue.Json);
    }
}
