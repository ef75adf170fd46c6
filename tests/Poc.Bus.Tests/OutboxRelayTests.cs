using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Poc.Contracts.Events;
using Poc.LocalHost.Servers;
using Poc.Postgres;
using Poc.Testing;

namespace Poc.Bus.Tests;

public sealed class OutboxRelayTests : BusTest
{
    private const string InsertSql = "INSERT INTO outbox (event_id, urn, aggregate, version, body) VALUES ($1, $2, $3, 1, $4)";

    [Fact]
    public async Task Keeps_the_order_within_each_aggregate_while_several_replicas_relay()
    {
        const int aggregates = 5, versions = 60;
        var tap = await Broker.TapAsync(TestService.Urn);
        await using var one = await StartAsync(consume: false);
        await using var two = await StartAsync(consume: false);
        await using var three = await StartAsync(consume: false);
        var names = Enumerable.Range(0, aggregates).Select(_ => Sample.Aggregate()).ToArray();
        for (var version = 1; version <= versions; version++)
        {
            await one.PublishAsync([.. names.Select(name => Sample.Event(name, version))]);
        }

        var seen = new List<(string Aggregate, long Version)>();
        for (var i = 0; i < aggregates * versions; i++)
        {
            var message = JsonDocument.Parse((await tap.NextAsync()).Body).RootElement.GetProperty("message");
            seen.Add((message.GetProperty("aggregate").GetString()!, message.GetProperty("version").GetInt64()));
        }

        Assert.All(names, name => Assert.Equal(Enumerable.Range(1, versions).Select(n => (long)n), seen.Where(item => item.Aggregate == name).Select(item => item.Version)));
        await OutboxHasAsync(0);
    }

    [Theory]
    [InlineData(TestService.Urn, "not json")]
    [InlineData(TestService.Urn, "null")]
    [InlineData(TestService.Urn, "{}")]
    [InlineData("poc.future.v9.unheard-of", "{}")]
    public async Task Quarantines_what_it_cannot_read_with_the_reason_and_goes_on_with_the_others(string urn, string body)
    {
        await using var service = await StartAsync(settings: ("Bus:Outbox:UnknownTypeGrace", "00:00:00"));
        var (bad, aggregate) = (Guid.CreateVersion7(), Sample.Aggregate());
        await Database.ExecuteAsync(InsertSql, bad, urn, aggregate, body);
        var (mended, behind, other) = (Sample.Event(aggregate) with { EventId = bad }, Sample.Event(aggregate, 2), Sample.Event());
        await service.PublishAsync(behind, other);

        await service.Received.HasAsync(1);
        await Eventually.BecomesTrueAsync(() => Database.ScalarAsync<bool>("SELECT quarantined_at IS NOT NULL AND length(last_error) > 10 FROM outbox WHERE event_id = $1", bad));
        Assert.Equal([other], service.Received.Applied);
        await OutboxHasAsync(2);

        // Mended and released, it goes, and what waited behind it follows.
        await Database.ExecuteAsync("UPDATE outbox SET urn = $2, body = $3 WHERE event_id = $1", bad, TestService.Urn, JsonSerializer.Serialize(mended, EventCatalogue.Json));
        Assert.True(await Outbox.ReleaseAsync(Database.Database, bad, Cancellation));
        await service.Received.HasAsync(3);
        await OutboxHasAsync(0);
        Assert.Equal([other, mended, behind], service.Received.Applied);
    }

    [Fact]
    public async Task Leaves_a_type_it_does_not_know_to_a_later_version_for_a_while()
    {
        await using var service = await StartAsync();
        await Database.ExecuteAsync(InsertSql, Guid.CreateVersion7(), "poc.future.v9.unheard-of", Sample.Aggregate(), "{}");
        await Eventually.BecomesTrueAsync(() => Database.ScalarAsync<bool>("SELECT attempts >= 2 FROM outbox"));
        Assert.True(await Database.ScalarAsync<bool>("SELECT quarantined_at IS NULL AND last_error LIKE '%unheard-of%' FROM outbox"));
    }

    [Fact]
    public async Task Is_woken_and_does_not_wait_for_the_next_look()
    {
        await using var service = await StartAsync(settings: ("Bus:Outbox:PollInterval", "00:01:00"));
        await service.PublishAsync(Sample.Event());
        await service.Received.HasAsync(1);

        // The relay goes idle in steps that double from 10 ms; after this it sleeps for seconds.
        await Eventually.BecomesTrueAsync(() => Database.ScalarAsync<bool>(
            "SELECT bool_and(now() - state_change > interval '3 s') FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT'"));
        var watch = Stopwatch.StartNew();
        await service.PublishAsync(Sample.Event());
        await service.Received.HasAsync(2);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Sends_what_was_written_while_the_broker_was_away_and_says_so_in_its_health()
    {
        await Servers.RabbitMqAsync(); // skips the test where there is none
        await using var server = await RabbitMqServer.StartAsync(Servers.NewOptions("rabbit"), Cancellation);
        await server.StopAsync();
        await using var service = await TestService.StartAsync(Database, server.ConnectionString, wait: false);
        await service.PublishAsync(Sample.Event(), Sample.Event());
        await service.BecomesAsync(HealthStatus.Unhealthy);
        await OutboxHasAsync(2);

        await server.StartAgainAsync(Cancellation);
        await service.BecomesAsync(HealthStatus.Healthy);
        await service.Received.HasAsync(2, TimeSpan.FromSeconds(120));

        await server.KillAsync();
        await service.BecomesAsync(HealthStatus.Unhealthy);
        await service.PublishAsync(Sample.Event());
        await server.StartAgainAsync(Cancellation);
        await service.BecomesAsync(HealthStatus.Healthy);
        await service.Received.HasAsync(3, TimeSpan.FromSeconds(120));
        await OutboxHasAsync(0);
    }

    [Fact]
    public async Task Takes_an_event_back_when_the_broker_keeps_silent()
    {
        await Servers.RabbitMqAsync();
        await using var server = await RabbitMqServer.StartAsync(Servers.NewOptions("rabbit"), Cancellation);
        await using var service = await TestService.StartAsync(Database, server.ConnectionString,
            settings: [("Bus:Outbox:PublishDeadline", "00:00:01"), ("Bus:Outbox:MaxBackoff", "00:00:01")]);
        await service.PublishAsync(Sample.Event());
        await service.Received.HasAsync(1);

        await SignalAsync("-STOP", server.Pid); // connected, but nothing is confirmed: what a disk alarm looks like from here
        try
        {
            await service.PublishAsync(Sample.Event());
            await Eventually.BecomesTrueAsync(() => Database.ScalarAsync<bool>("SELECT attempts >= 2 AND last_error LIKE '%did not confirm within 1 s%' FROM outbox"));
        }
        finally
        {
            await SignalAsync("-CONT", server.Pid);
        }

        await service.Received.HasAsync(2, TimeSpan.FromSeconds(120));
        await OutboxHasAsync(0);
    }

    [Fact]
    public async Task Shows_size_age_and_quarantine_as_metrics()
    {
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, double>();
        await using var service = await StartAsync(consume: false, settings: ("Bus:Outbox:UnknownTypeGrace", "00:00:00"));
        var mine = service.Services.GetService(typeof(IMeterFactory));
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == BusTelemetry.Name && instrument.Meter.Scope == mine)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        await Database.ExecuteAsync(InsertSql, Guid.CreateVersion7(), "poc.future.v9.unheard-of", "a", "{}");
        await Database.ExecuteAsync("INSERT INTO outbox (event_id, urn, aggregate, version, body, created_at) VALUES ($1, $2, 'a', 1, '{}', now() - interval '1 h')", Guid.CreateVersion7(), TestService.Urn);

        await Eventually.BecomesTrueAsync(() =>
        {
            listener.RecordObservableInstruments();
            return seen.GetValueOrDefault("poc.outbox.size") == 2 && seen.GetValueOrDefault("poc.outbox.quarantined") == 1 && seen.GetValueOrDefault("poc.outbox.age") is > 3600 and < 3700;
        });
    }

    private static async Task SignalAsync(string signal, int pid)
    {
        using var kill = Process.Start("kill", [signal, pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
