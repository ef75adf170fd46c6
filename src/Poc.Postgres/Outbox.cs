using System.Diagnostics;
using System.Text.Json;
using Poc.Contracts.Events;

namespace Poc.Postgres;

/// <summary>An event as the columns of table <c>outbox</c>; the others have defaults.</summary>
public sealed record OutboxRow(Guid EventId, string Urn, string Aggregate, long Version, string Body, string? TraceParent, string? TraceState);

/// <summary>
/// Where events wait for the bus. They are written in the transaction that makes them true and relayed at least once, in the order of their ids within an
/// aggregate. Writers of one aggregate therefore lock it before they add its event, or ids and versions may come in different order (consumers then park).
/// </summary>
public static class Outbox
{
    /// <summary>The channel on which a relay is told that there is something to do. A trigger of the table does the telling, in the writer's transaction.</summary>
    public const string Channel = "outbox";

    private const string InsertSql = """
        INSERT INTO outbox (event_id, urn, aggregate, version, body, traceparent, tracestate)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """;

    private const string ReleaseSql = """
        UPDATE outbox SET quarantined_at = NULL, next_attempt_at = now(), attempts = 0
        WHERE event_id = $1 AND quarantined_at IS NOT NULL
        """;

    /// <summary>Adds an event; it is published only if the transaction commits. The current trace becomes the parent of its publication.</summary>
    /// <exception cref="Npgsql.PostgresException"><c>uq_outbox_event_id</c>: an event with this id is waiting already.</exception>
    public static Task AddAsync(Tx tx, IEvent @event)
    {
        var row = Row(@event);
        return tx.ExecuteAsync(InsertSql, row.EventId, row.Urn, row.Aggregate, row.Version, row.Body, row.TraceParent, row.TraceState);
    }

    /// <summary>The column values of an event, the current trace context included, for a service that inserts many rows with one statement.</summary>
    public static OutboxRow Row(IEvent @event) => Row(@event, Activity.Current);

    /// <summary>The same with the trace of whoever caused the event, where another writes it.</summary>
    public static OutboxRow Row(IEvent @event, Activity? cause)
    {
        var trace = cause is { IdFormat: ActivityIdFormat.W3C } ? cause : null;
        return new OutboxRow(
            @event.EventId, EventCatalogue.UrnOf(@event.GetType()), @event.Aggregate, @event.Version,
            JsonSerializer.Serialize(@event, @event.GetType(), EventCatalogue.Json), trace?.Id, trace?.TraceStateString);
    }

    /// <summary>Lets a quarantined event be tried again, after its cause was mended. False when it is not in quarantine.</summary>
    public static Task<bool> ReleaseAsync(Database database, Guid eventId, CancellationToken cancellation) =>
        database.InTransactionAsync(async tx =>
        {
            if (await tx.ExecuteAsync(ReleaseSql, eventId) == 0)
            {
                return false;
            }

            await tx.ExecuteAsync("SELECT pg_notify($1, '')", Channel);
            return true;
        }, cancellation);
}
