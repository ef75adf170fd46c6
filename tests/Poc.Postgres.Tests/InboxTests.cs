using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Testing;

namespace Poc.Postgres.Tests;

public sealed class InboxTests : IAsyncLifetime
{
    private const string Consumer = "TranslationAddedConsumer";
    private TestDatabase _test = null!;
    private Inbox _inbox = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _test = await TestDatabase.CreateAsync();
        _inbox = new Inbox(_test.Database);
        await _test.ExecuteAsync("CREATE TABLE effects (id bigint GENERATED ALWAYS AS IDENTITY, aggregate text, version bigint)");
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Applies_a_repeated_event_once()
    {
        var @event = Sample.Event(Sample.Aggregate());
        await ApplyAsync(@event);
        await ApplyAsync(@event);
        Assert.Equal([1], await AppliedAsync(@event.Aggregate));
    }

    [Fact]
    public async Task Applies_an_event_once_that_is_delivered_to_several_at_the_same_time()
    {
        var @event = Sample.Event(Sample.Aggregate());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ApplyAsync(@event)));
        Assert.Equal([1], await AppliedAsync(@event.Aggregate));
    }

    [Fact]
    public async Task Applies_an_event_for_each_consumer()
    {
        var @event = Sample.Event(Sample.Aggregate());
        await ApplyAsync(@event);
        await ApplyAsync(@event, consumer: "Another");
        Assert.Equal([1, 1], await AppliedAsync(@event.Aggregate));
    }

    [Fact]
    public async Task Ignores_a_version_it_has_passed()
    {
        var aggregate = Sample.Aggregate();
        await ApplyAsync(Sample.Event(aggregate, 1));
        await ApplyAsync(Sample.Event(aggregate, 2));
        await ApplyAsync(Sample.Event(aggregate, 1)); // another event id, as after a restore of the sender
        Assert.Equal([1, 2], await AppliedAsync(aggregate));
    }

    [Fact]
    public async Task Parks_what_is_beyond_a_gap_and_applies_it_when_the_gap_closes()
    {
        var aggregate = Sample.Aggregate();
        await ApplyAsync(Sample.Event(aggregate, 3));
        await ApplyAsync(Sample.Event(aggregate, 2));
        Assert.Empty(await AppliedAsync(aggregate));
        Assert.Equal(2, await _test.ScalarAsync<long>("SELECT count(*) FROM inbox_parked"));

        await ApplyAsync(Sample.Event(aggregate, 1));
        Assert.Equal([1, 2, 3], await AppliedAsync(aggregate));
        Assert.Equal(0, await _test.ScalarAsync<long>("SELECT count(*) FROM inbox_parked"));
    }

    [Fact]
    public async Task Keeps_aggregates_apart()
    {
        var (one, other) = (Sample.Aggregate(), Sample.Aggregate());
        await ApplyAsync(Sample.Event(one, 2));
        await ApplyAsync(Sample.Event(other, 1));
        Assert.Empty(await AppliedAsync(one));
        Assert.Equal([1], await AppliedAsync(other));
    }

    [Fact]
    public async Task Applies_in_order_what_comes_shuffled_repeated_and_in_parallel()
    {
        var aggregates = Enumerable.Range(0, 4).Select(_ => Sample.Aggregate()).ToArray();
        var events = aggregates.SelectMany(aggregate => Enumerable.Range(1, 25).Select(version => Sample.Event(aggregate, version))).ToArray();
        var deliveries = events.Concat(events).Concat(events).ToArray();
        new Random(20210223).Shuffle(deliveries);

        await Parallel.ForEachAsync(deliveries, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation }, async (@event, _) => await ApplyAsync(@event));

        foreach (var aggregate in aggregates)
        {
            Assert.Equal(Enumerable.Range(1, 25).Select(version => (long)version), await AppliedAsync(aggregate));
        }
    }

    [Fact]
    public async Task Forgets_an_event_whose_effect_failed_so_that_it_can_come_again()
    {
        var @event = Sample.Event(Sample.Aggregate());
        await Assert.ThrowsAsync<InvalidDataException>(() => ApplyAsync(@event, failAt: 1));
        await ApplyAsync(@event);
        Assert.Equal([1], await AppliedAsync(@event.Aggregate));
    }

    [Fact]
    public async Task Keeps_a_parked_event_that_fails_when_its_gap_closes()
    {
        var aggregate = Sample.Aggregate();
        var first = Sample.Event(aggregate, 1);
        await ApplyAsync(Sample.Event(aggregate, 2));
        await Assert.ThrowsAsync<InvalidDataException>(() => ApplyAsync(first, failAt: 2));
        Assert.Empty(await AppliedAsync(aggregate));

        await ApplyAsync(first);
        Assert.Equal([1, 2], await AppliedAsync(aggregate));
    }

    [Fact]
    public async Task Still_ignores_a_repetition_after_its_row_was_removed()
    {
        var @event = Sample.Event(Sample.Aggregate());
        await ApplyAsync(@event);
        Assert.Equal(0, await _inbox.ForgetAsync(TimeSpan.FromDays(1), Cancellation));
        await _test.ExecuteAsync("UPDATE inbox SET received_at = now() - interval '2 days'");
        Assert.Equal(1, await _inbox.ForgetAsync(TimeSpan.FromDays(1), Cancellation));
        await ApplyAsync(@event);
        Assert.Equal([1], await AppliedAsync(@event.Aggregate));
    }

    private Task ApplyAsync(TranslationAdded @event, int failAt = 0, string consumer = Consumer) => _inbox.ApplyAsync(@event, consumer, async (tx, applied) =>
    {
        await tx.ExecuteAsync("INSERT INTO effects (aggregate, version) VALUES ($1, $2)", applied.Aggregate, applied.Version);
        if (applied.Version == failAt)
        {
            throw new InvalidDataException();
        }
    }, Cancellation);

    private Task<IReadOnlyList<long>> AppliedAsync(string aggregate) =>
        _test.Database.ReadAsync(tx => tx.QueryAsync("SELECT version FROM effects WHERE aggregate = $1 ORDER BY id", row => row.GetInt64(0), aggregate), Cancellation);
}
