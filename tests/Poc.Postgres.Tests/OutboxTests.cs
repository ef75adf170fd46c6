using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Poc.Contracts.Events;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Testing;

namespace Poc.Postgres.Tests;

public sealed class OutboxTests : IAsyncLifetime
{
    private TestDatabase _test = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _test = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Keeps_an_event_as_it_goes_on_the_wire()
    {
        var @event = Sample.Event(Sample.Aggregate(), 3);
        await AddAsync(@event);
        var (urn, aggregate, version, body) = await _test.Database.ReadAsync(tx => tx.QuerySingleOrDefaultAsync(
            "SELECT urn, aggregate, version, body FROM outbox WHERE event_id = $1",
            row => (row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3)), @event.EventId), Cancellation);
        Assert.Equal(("poc.statement-archive.v1.translation-added", @event.Aggregate, 3L), (urn, aggregate, version));
        Assert.Equal(@event, JsonSerializer.Deserialize<TranslationAdded>(body, EventCatalogue.Json));
    }

    [Fact]
    public async Task Holds_nothing_of_a_transaction_that_failed()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _test.Database.InTransactionAsync(async tx =>
        {
            await Outbox.AddAsync(tx, Sample.Event(Sample.Aggregate()));
            throw new InvalidDataException();
        }, Cancellation));
        Assert.Equal(0, await _test.ScalarAsync<long>("SELECT count(*) FROM outbox"));
    }

    [Fact]
    public async Task Remembers_the_trace_of_the_writer()
    {
        using var writer = new Activity("write") { TraceStateString = "vendor=1" }.SetIdFormat(ActivityIdFormat.W3C).Start();
        await AddAsync(Sample.Event(Sample.Aggregate()));
        Assert.Equal(writer.Id, await _test.ScalarAsync<string>("SELECT traceparent FROM outbox"));
        Assert.Equal("vendor=1", await _test.ScalarAsync<string>("SELECT tracestate FROM outbox"));
    }

    [Fact]
    public async Task Wakes_a_listener_at_commit_but_not_again_while_something_waits()
    {
        await using var listener = await _test.Source.OpenConnectionAsync(Cancellation);
        var told = 0;
        listener.Notification += (_, _) => told++;
        await using (var listen = new NpgsqlCommand("LISTEN outbox", listener))
        {
            await listen.ExecuteNonQueryAsync(Cancellation);
        }

        await AddAsync(Sample.Event(Sample.Aggregate()));
        Assert.True(await listener.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        await AddAsync(Sample.Event(Sample.Aggregate()));
        // Whatever was told before this answer has arrived with it.
        await using (var ping = new NpgsqlCommand("SELECT 1", listener))
        {
            await ping.ExecuteScalarAsync(Cancellation);
        }

        Assert.Equal(1, told);

        await _test.ExecuteAsync("UPDATE outbox SET quarantined_at = now()");
        await AddAsync(Sample.Event(Sample.Aggregate()));
        Assert.True(await listener.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task Releases_an_event_from_quarantine_once()
    {
        var @event = Sample.Event(Sample.Aggregate());
        await AddAsync(@event);
        Assert.False(await Outbox.ReleaseAsync(_test.Database, @event.EventId, Cancellation));
        await _test.ExecuteAsync("UPDATE outbox SET quarantined_at = now(), attempts = 4");
        Assert.True(await Outbox.ReleaseAsync(_test.Database, @event.EventId, Cancellation));
        Assert.True(await _test.ScalarAsync<bool>("SELECT quarantined_at IS NULL AND attempts = 0 FROM outbox"));
    }

    private Task AddAsync(IEvent @event) => _test.Database.InTransactionAsync(tx => Outbox.AddAsync(tx, @event), Cancellation);
}
