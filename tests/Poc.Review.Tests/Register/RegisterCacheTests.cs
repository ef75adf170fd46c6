using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Poc.Contracts.Review.V1;
using Poc.Review.Register;
using Poc.Testing;
using StackExchange.Redis;

namespace Poc.Review.Tests.Register;

/// <summary>What is kept of the register's answers, and until when.</summary>
public sealed class RegisterCacheTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private ConnectionMultiplexer? _redis;
    private HeldAnswers? _held;
    private int _reads;

    // A database of the server's own for these tests: elsewhere others end what is kept.
    public async ValueTask InitializeAsync()
    {
        _redis = await ConnectionMultiplexer.ConnectAsync((await Servers.RedisAsync()).ConnectionString + ",defaultDatabase=7,allowAdmin=true");
        await _redis.GetServers()[0].FlushDatabaseAsync(7);
    }

    public ValueTask DisposeAsync()
    {
        _held?.Dispose();
        return _redis!.DisposeAsync();
    }

    [Fact]
    public async Task A_change_ends_what_is_kept_of_its_entry_and_of_lists_and_of_no_other_entry()
    {
        var cache = Cache();
        foreach (var expected in (int[])[1, 1])
        {
            Assert.Equal(expected, await EntryAsync(cache, "subjects/a", "2021-01-17"));
        }

        Assert.Equal((2, 3, 4), (await EntryAsync(cache, "subjects/a", "2021-01-18"), await EntryAsync(cache, "subjects/b", "2021-01-17"), await ListAsync(cache)));
        Assert.True(await cache.EndAsync(["subjects/a"]));
        Assert.Equal((5, 6, 3, 7), (await EntryAsync(cache, "subjects/a", "2021-01-17"), await EntryAsync(cache, "subjects/a", "2021-01-18"), await EntryAsync(cache, "subjects/b", "2021-01-17"), await ListAsync(cache)));
        Assert.True(await cache.EndAllAsync());
        Assert.Equal((8, 9, 10), (await EntryAsync(cache, "subjects/a", "2021-01-17"), await EntryAsync(cache, "subjects/b", "2021-01-17"), await ListAsync(cache)));
        Assert.Equal((8, 9, 10), (await EntryAsync(cache, "subjects/a", "2021-01-17"), await EntryAsync(cache, "subjects/b", "2021-01-17"), await ListAsync(cache)));
    }

    [Fact]
    public async Task What_was_read_before_a_change_and_is_kept_after_it_is_given_to_nobody()
    {
        var (cache, read, go) = (Cache(), new TaskCompletionSource(), new TaskCompletionSource());
        var slow = cache.GetAsync("subjects/a", "2021-01-17", async () =>
        {
            read.SetResult();
            await go.Task;
            return new ListRegisterEntriesResponse { NextPageToken = "of before" };
        });
        await read.Task;
        await cache.EndAsync(["subjects/a"]);
        go.SetResult();
        Assert.Equal("of before", (await slow).NextPageToken);
        Assert.Equal(1, await EntryAsync(cache, "subjects/a", "2021-01-17"));
    }

    [Fact]
    public async Task Marks_that_redis_dropped_bring_nothing_back()
    {
        var cache = Cache();
        await EntryAsync(cache, "subjects/a", "2021-01-17");
        await cache.EndAsync(["subjects/a"]);
        Assert.Equal(2, await EntryAsync(cache, "subjects/a", "2021-01-17"));
        await _redis!.GetDatabase().KeyDeleteAsync("poc:review:register:mark:subjects/a");
        Assert.Equal(3, await EntryAsync(cache, "subjects/a", "2021-01-17"));

        // The mark outlives whatever was kept before it.
        await cache.EndAsync(["subjects/a"]);
        Assert.True(await _redis.GetDatabase().KeyTimeToLiveAsync("poc:review:register:mark:subjects/a") > await _redis.GetDatabase().KeyTimeToLiveAsync("poc:review:register:subjects/a:2021-01-17"));
    }

    [Fact]
    public async Task Where_nothing_is_to_be_kept_everything_is_read()
    {
        var cache = Cache(TimeSpan.Zero);
        Assert.Equal((1, 2), (await EntryAsync(cache, "subjects/a", "2021-01-17"), await EntryAsync(cache, "subjects/a", "2021-01-17")));
        Assert.True(await cache.EndAsync(["subjects/a"]));
    }

    [Fact]
    public async Task While_the_news_are_followed_answers_come_from_memory_and_a_change_ends_its_own_at_once()
    {
        var cache = Cache();
        cache.Followed();
        Assert.Equal((1, 2, 3), (await EntryAsync(cache, "subjects/a", "2021-01-17"), await EntryAsync(cache, "subjects/b", "2021-01-17"), await ListAsync(cache)));
        await _redis!.GetServers()[0].FlushDatabaseAsync(7);
        Assert.Equal((1, 2, 3), (await EntryAsync(cache, "subjects/a", "2021-01-17"), await EntryAsync(cache, "subjects/b", "2021-01-17"), await ListAsync(cache)));
        await cache.EndAsync(["subjects/a"]);
        Assert.Equal((4, 2, 5), (await EntryAsync(cache, "subjects/a", "2021-01-17"), await EntryAsync(cache, "subjects/b", "2021-01-17"), await ListAsync(cache)));
        await cache.EndAllAsync();
        Assert.Equal((6, 7, 8), (await EntryAsync(cache, "subjects/a", "2021-01-17"), await EntryAsync(cache, "subjects/b", "2021-01-17"), await ListAsync(cache)));
    }

    [Fact]
    public async Task Who_hears_of_no_changes_any_more_gives_nothing_from_memory()
    {
        var cache = Cache();
        cache.Followed();
        Assert.Equal(1, await EntryAsync(cache, "subjects/a", "2021-01-17"));
        await _redis!.GetServers()[0].FlushDatabaseAsync(7);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(1, await EntryAsync(cache, "subjects/a", "2021-01-17"));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, await EntryAsync(cache, "subjects/a", "2021-01-17"));
        cache.Followed();
        Assert.Equal(2, await EntryAsync(cache, "subjects/a", "2021-01-17"));
    }

    private RegisterCache Cache(TimeSpan? age = null)
    {
        var options = Options.Create(new ReviewOptions { RegisterCache = age ?? TimeSpan.FromMinutes(10) });
        return new RegisterCache(_redis!, _held = new HeldAnswers(options, _clock), options, NullLogger<RegisterCache>.Instance);
    }

    private async Task<int> EntryAsync(RegisterCache cache, string subject, string day) => Number(await cache.GetAsync(subject, day, ReadAsync));

    private async Task<int> ListAsync(RegisterCache cache) => Number(await cache.GetListAsync("50:", ReadAsync));

    // Any message does: which reading of how many an answer comes from.
    private Task<ListRegisterEntriesResponse> ReadAsync() => Task.FromResult(new ListRegisterEntriesResponse { NextPageToken = new string('.', Interlocked.Increment(ref _reads)) });

    private static int Number(ListRegisterEntriesResponse answer) => answer.NextPageToken.Length;
}
