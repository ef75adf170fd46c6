using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Contracts.Events;
using Poc.Postgres;

namespace Poc.Bus;

/// <summary>
/// Brings events from the outbox to the broker: at least once, in the order of their ids within an aggregate, removed only after the broker's confirm. Any
/// number of replicas may run it: who holds an aggregate's first row (FOR UPDATE SKIP LOCKED) has the aggregate.
/// </summary>
/// <remarks>
/// An event that cannot be read (broken JSON, a type no version has known for a while) is put in quarantine with the reason; later events of its aggregate wait
/// behind it, because publishing them would break the order its consumers rely on, and all other aggregates go on. <see cref="Outbox.ReleaseAsync"/> ends it.
/// A crash between confirm and removal publishes again under the same message id; the consumers' inbox ignores it.
/// </remarks>
internal sealed class OutboxRelay(Database database, IBus bus, BusHealth health, OutboxMetrics metrics, IOptions<BusOptions> options, TimeProvider clock, ILogger<OutboxRelay> log)
    : BackgroundService
{
    // Heads: rows before which their aggregate has none. Only they are locked; nobody else can reach the rows behind a locked head.
    private const string ClaimSql = """
        WITH heads AS (
            SELECT h.id, h.aggregate FROM outbox h
            WHERE h.id >= $3 AND h.quarantined_at IS NULL AND h.next_attempt_at <= now()
              AND NOT EXISTS (SELECT 1 FROM outbox earlier WHERE earlier.aggregate = h.aggregate AND earlier.id < h.id)
            ORDER BY h.id LIMIT $1 FOR UPDATE SKIP LOCKED)
        SELECT run.id, run.event_id, run.urn, run.aggregate, run.body, run.traceparent, run.tracestate, now() - run.created_at
        FROM heads CROSS JOIN LATERAL (
            SELECT o.id, o.event_id, o.urn, o.aggregate, o.body, o.traceparent, o.tracestate, o.created_at FROM outbox o
            WHERE o.aggregate = heads.aggregate AND o.id >= heads.id AND o.quarantined_at IS NULL
            ORDER BY o.id LIMIT $2) run
        """;

    // The outbox is empty when it is analysed and has a hundred thousand rows an hour later: whatever its statistics say, only walking the two indexes in order stays
    // fast. A plan made for the empty table reads all of the full one for each event it claims.
    private const string PlanSql = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

    private const string RemoveSql = "DELETE FROM outbox WHERE id = ANY($1)";

    private const string PostponeSql = """
        UPDATE outbox SET attempts = attempts + 1, last_error = failed.reason,
            next_attempt_at = clock_timestamp() + least($3, interval '0.5 s' * power(2, least(attempts, 20)))
        FROM unnest($1, $2) AS failed (id, reason) WHERE outbox.id = failed.id
        """;

    private const string QuarantineSql = """
        UPDATE outbox SET attempts = attempts + 1, last_error = failed.reason, quarantined_at = clock_timestamp()
        FROM unnest($1, $2) AS failed (id, reason) WHERE outbox.id = failed.id
        """;

    private const string SampleSql = """
        SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE quarantined_at IS NULL)), 0)::float8, count(quarantined_at),
               (SELECT count(*) FROM inbox_parked), coalesce((SELECT extract(epoch FROM now() - min(parked_at)) FROM inbox_parked), 0)::float8
        FROM outbox
        """;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan WholeLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);

    private readonly OutboxOptions _options = options.Value.Outbox;
    private readonly Wake _wake = new();

    private enum Fate
    {
        Confirmed,
        Postponed,
        Quarantined,
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        [ListenAsync(stoppingToken), SampleAsync(stoppingToken), .. Enumerable.Range(0, _options.Workers).Select(_ => RelayAsync(stoppingToken))]);

    private async Task RelayAsync(CancellationToken stopping)
    {
        var pause = FirstPause;
        var (floor, fromTheStart) = (0L, clock.GetTimestamp());
        while (!stopping.IsCancellationRequested)
        {
            var woken = _wake.Next; // taken before looking: what is committed after the look wakes this loop
            if (clock.GetElapsedTime(fromTheStart) > WholeLook)
            {
                (floor, fromTheStart) = (0, clock.GetTimestamp());
            }

            try
            {
                if (health.MayPublish && await RelayBatchAsync(floor, stopping) is { Confirmed: > 0 and var published } batch)
                {
                    // Below it lie mostly the traces of what was published since the last VACUUM. What is committed there late is found by the next whole look.
                    floor = batch.First;
                    pause = FirstPause;
                    if (published < _options.Aggregates)
                    {
                        // Nothing else waited. What comes now may gather: each batch costs a claim, a removal and a flush, however small it is.
                        await Wake.AfterAsync(_options.Gather, clock, stopping);
                    }

                    continue;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                // Whatever it was, the rows are still there. The loop must outlive it, or nothing is published any more.
                log.LogWarning(problem, "The outbox could not be relayed; trying again.");
                pause = TroublePause;
            }

            floor = 0;
            // After work it looks again soon: rows that came while it was busy did not notify anybody.
            await Wake.OrAfterAsync(woken, pause, clock, stopping);
            pause = pause * 2 < _options.PollInterval ? pause * 2 : _options.PollInterval;
        }
    }

    private Task<Batch> RelayBatchAsync(long floor, CancellationToken stopping) => database.InTransactionAsync(async tx =>
    {
        await tx.ExecuteAsync(PlanSql);
        var rows = await tx.QueryAsync(ClaimSql, Claimed.Read, _options.Aggregates, _options.Run, floor);
        if (rows.Count == 0)
        {
            return new Batch(0, 0);
        }

        var outcomes = (await Task.WhenAll(rows.GroupBy(row => row.Aggregate).Select(run => PublishRunAsync([.. run], stopping)))).SelectMany(run => run).ToList();
        var confirmed = outcomes.Where(outcome => outcome.Fate == Fate.Confirmed).Select(outcome => outcome.Row.Id).ToArray();
        await tx.ExecuteAsync(RemoveSql, confirmed);
        await SettleAsync(tx, PostponeSql, Fate.Postponed, outcomes, _options.MaxBackoff);
        await SettleAsync(tx, QuarantineSql, Fate.Quarantined, outcomes);
        metrics.Published(confirmed.Length);
        return new Batch(confirmed.Length, rows.Min(row => row.Id));
    }, CancellationToken.None); // once published, the removal is not given up because the service stops

    private async Task SettleAsync(Tx tx, string sql, Fate fate, List<Outcome> outcomes, params object?[] more)
    {
        var failed = outcomes.Where(outcome => outcome.Fate == fate).ToList();
        if (failed.Count == 0)
        {
            return;
        }

        await tx.ExecuteAsync(sql, [failed.Select(outcome => outcome.Row.Id).ToArray(), failed.Select(outcome => outcome.Reason).ToArray(), .. more]);
        metrics.Failed(failed.Count);
        log.LogWarning("{Count} events of the outbox were {Fate}; first {EventId}: {Reason}", failed.Count, fate, failed[0].Row.EventId, failed[0].Reason);
    }

    /// <summary>Publishes the events of one aggregate one after the other, up to the first that fails; gives what became of those that were tried.</summary>
    private async Task<IReadOnlyList<Outcome>> PublishRunAsync(IReadOnlyList<Claimed> run, CancellationToken stopping)
    {
        var outcomes = new List<Outcome>(run.Count);
        foreach (var row in run)
        {
            if (outcomes.Count > 0 && stopping.IsCancellationRequested)
            {
                break;
            }

            var outcome = await PublishAsync(row);
            outcomes.Add(outcome);
            if (outcome.Fate != Fate.Confirmed)
            {
                break;
            }
        }

        return outcomes;
    }

    private async Task<Outcome> PublishAsync(Claimed row)
    {
        if (EventCatalogue.TypeOf(row.Urn) is not { } type)
        {
            return new Outcome(row, row.Age < _options.UnknownTypeGrace ? Fate.Postponed : Fate.Quarantined, $"This version does not know the event type {row.Urn}.");
        }

        IEvent message;
        try
        {
            message = JsonSerializer.Deserialize(row.Body, type, EventCatalogue.Json) as IEvent ?? throw new JsonException("The body is null.");
        }
        catch (JsonException problem)
        {
            return new Outcome(row, Fate.Quarantined, problem.Message);
        }

        using var activity = StartActivity(row);
        using var deadline = new CancellationTokenSource(_options.PublishDeadline, clock);
        try
        {
            // The token alone is not enough: MassTransit does not look at it while it waits for a confirm.
            await bus.Publish(message, type, Pipe.Execute<PublishContext>(context =>
            {
                context.MessageId = row.EventId;
                context.SupportedMessageTypes = [EventCatalogue.WirePrefix + row.Urn]; // by itself MassTransit adds IEvent, under its CLR name
            }), deadline.Token).WaitAsync(deadline.Token);
            return new Outcome(row, Fate.Confirmed, "");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return Failed($"The broker did not confirm within {_options.PublishDeadline.TotalSeconds:0.#} s.");
        }
        catch (Exception problem)
        {
            return Failed($"{problem.GetType().Name}: {problem.Message}");
        }

        Outcome Failed(string reason)
        {
            activity?.SetStatus(ActivityStatusCode.Error, reason);
            return new Outcome(row, Fate.Postponed, reason);
        }
    }

    /// <summary>Continues the writer's trace, so that one trace goes from the call that caused the event to its consumers.</summary>
    private static Activity? StartActivity(Claimed row)
    {
        Activity.Current = null; // the relay's own loop has no part in it
        ActivityContext.TryParse(row.TraceParent, row.TraceState, isRemote: true, out var writer);
        return BusTelemetry.Activities.StartActivity($"relay {row.Urn}", ActivityKind.Internal, writer)
            ?.SetTag("messaging.message.id", row.EventId)
            .SetTag("poc.outbox.age", row.Age.TotalSeconds);
    }

    private async Task ListenAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.Source.OpenConnectionAsync(stopping);
                connection.Notification += (_, _) => _wake.Signal();
                await using (var listen = new NpgsqlCommand($"LISTEN {Outbox.Channel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(stopping);
                }

                _wake.Signal(); // for what was told while nobody listened
                while (true)
                {
                    await connection.WaitAsync(stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                log.LogDebug(problem, "Not listening for the outbox; polling goes on.");
                await Wake.AfterAsync(TroublePause, clock, stopping);
            }
        }
    }

    private async Task SampleAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                metrics.Show((await database.ReadAsync(tx => tx.QuerySingleOrDefaultAsync(
                    SampleSql, row => new OutboxMetrics.Sample(row.GetInt64(0), row.GetDouble(1), row.GetInt64(2), row.GetInt64(3), row.GetDouble(4))), stopping))!);
            }
            catch (Exception problem) when (problem is NpgsqlException or OperationCanceledException)
            {
                log.LogDebug(problem, "The outbox could not be measured.");
            }

            await Wake.AfterAsync(SampleInterval, clock, stopping);
        }
    }

    private sealed record Claimed(long Id, Guid EventId, string Urn, string Aggregate, string Body, string? TraceParent, string? TraceState, TimeSpan Age)
    {
        public static Claimed Read(NpgsqlDataReader row) => new(
            row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetString(4),
            row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(6) ? null : row.GetString(6), row.GetTimeSpan(7));
    }

    /// <param name="Confirmed">How many events were.</param>
    /// <param name="First">The lowest id that was claimed.</param>
    private sealed record Batch(int Confirmed, long First);

    private sealed record Outcome(Claimed Row, Fate Fate, string Reason);
}
