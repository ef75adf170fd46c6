using System.Threading.Channels;
using Poc.Testing;

namespace Poc.Postgres.Tests;

public sealed class AdvisoryTests : IAsyncLifetime
{
    private const long Key = 42;
    private TestDatabase _test = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _test = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Lets_one_hold_it_and_the_next_follow_when_the_work_is_done()
    {
        var order = Channel.CreateUnbounded<string>();
        var release = new TaskCompletionSource();
        var first = RunAsync(async _ =>
        {
            order.Writer.TryWrite("first begins");
            await release.Task;
            order.Writer.TryWrite("first ends");
        });
        Assert.Equal("first begins", await order.Reader.ReadAsync(Cancellation));
        var second = RunAsync(_ =>
        {
            order.Writer.TryWrite("second begins");
            return Task.CompletedTask;
        });
        await Eventually.BecomesTrueAsync(async () => await _test.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_lock%' AND datname = current_database() AND pid <> pg_backend_pid()") > 0);
        release.SetResult();
        await Task.WhenAll(first, second);
        Assert.Equal("first ends", await order.Reader.ReadAsync(Cancellation));
        Assert.Equal("second begins", await order.Reader.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task Ends_the_work_when_its_connection_is_lost_and_contends_again_under_a_higher_number()
    {
        var fences = Channel.CreateUnbounded<Fence>();
        var run = Advisory.RunWhileHeldAsync(_test.Source, Key, async (fence, held) =>
        {
            fences.Writer.TryWrite(fence);
            if (fence.Number == 1)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, held);
            }
        }, TimeProvider.System, logger: null, Cancellation);
        var first = await fences.Reader.ReadAsync(Cancellation);
        await _test.Database.InTransactionAsync(first.RequireAsync, Cancellation);

        await _test.ScalarAsync<bool>("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND granted");

        var second = await fences.Reader.ReadAsync(Cancellation);
        await run;
        Assert.Equal((1, 2), (first.Number, second.Number));
        await _test.Database.InTransactionAsync(second.RequireAsync, Cancellation);
        await Assert.ThrowsAsync<FenceLostException>(() => _test.Database.InTransactionAsync(first.RequireAsync, Cancellation));
    }

    [Fact]
    public async Task Passes_on_what_the_work_throws_and_frees_the_lock()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(_ => throw new InvalidDataException()));
        await RunAsync(_ => Task.CompletedTask);
    }

    [Fact]
    public async Task Stops_when_asked()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var begun = new TaskCompletionSource();
        var run = Advisory.RunWhileHeldAsync(_test.Source, Key, async held =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, held);
        }, TimeProvider.System, logger: null, stop.Token);
        await begun.Task;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(0, await _test.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42"));
    }

    private Task RunAsync(Func<CancellationToken, Task> body) => Advisory.RunWhileHeldAsync(_test.Source, Key, body, TimeProvider.System, logger: null, Cancellation);
}
