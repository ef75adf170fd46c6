using Grpc.Core;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.LocalHost.Servers;
using Poc.Testing;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Inboxes;

public sealed class WatchInboxTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Streams_what_is_there_and_then_what_comes_to_every_watcher_each_once()
    {
        var (owner, subject) = await SubscribedAsync(_stack);
        await _stack.PublishAsync(Events.DossierOpened(subject));
        await _stack.PublishAsync(Events.DossierOpened(subject));
        using var whole = new Watcher(_stack, owner);
        using var rest = new Watcher(_stack, owner, afterCursor: 1);
        await whole.ReachesAsync(2);
        await rest.ReachesAsync(2);

        await _stack.PublishAsync(Events.DossierOpened(subject));

        Assert.Equal([1, 2, 3], await whole.ReachesAsync(3));
        Assert.Equal([2, 3], await rest.ReachesAsync(3));
    }

    [Fact]
    public async Task Answers_at_once_that_it_watches_an_empty_inbox()
    {
        var owner = await _stack.RecipientAsync(Audience.Staff);
        using var call = _stack.Client.WatchInbox(new WatchInboxRequest(), _stack.As(owner.Staff, Roles.Reviewer));

        await call.ResponseHeadersAsync.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Skips_and_repeats_nothing_under_concurrent_writers_while_it_is_interrupted_and_resumed()
    {
        const int Writers = 8, Each = 15;
        var (owner, subject) = await SubscribedAsync(_stack);
        var other = await _stack.RecipientAsync(Audience.Staff);
        await _stack.SubscribeAsync(other, EventKind.DossierOpened, subject, Channel.Inbox);

        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (var i = 0; i < Each; i++)
            {
                await _stack.PublishAsync(Events.DossierOpened(subject));
            }
        }));
        using var steady = new Watcher(_stack, owner);
        var pieced = new List<long>();
        while (pieced.Count < Writers * Each)
        {
            // Opened again and again after the last cursor, as a client with a bad connection does.
            using var piece = new Watcher(_stack, owner, pieced.LastOrDefault());
            pieced.AddRange(await piece.GrowsToAsync(Math.Min(7, (Writers * Each) - pieced.Count)));
        }

        await writing;
        var expected = Enumerable.Range(1, Writers * Each).Select(static cursor => (long)cursor).ToList();
        Assert.Equal(expected, pieced);
        Assert.Equal(expected, await steady.ReachesAsync(Writers * Each));
        Assert.Equal(Writers * Each, (await _stack.InboxAsync(owner)).Select(static item => item.EventId).Distinct().Count());
    }

    [Fact]
    public async Task Loses_nothing_when_Redis_is_killed_and_when_it_comes_back_empty()
    {
        await Servers.RedisAsync();
        await using var redis = await RedisServer.StartAsync(Servers.NewOptions("redis"), TestContext.Current.CancellationToken);
        await using var stack = await StartAsync(redis);
        var (owner, subject) = await SubscribedAsync(stack);
        using var watcher = new Watcher(stack, owner);
        await stack.PublishAsync(Events.DossierOpened(subject));
        await watcher.ReachesAsync(1);

        await redis.KillAsync();
        await stack.PublishAsync(Events.DossierOpened(subject));
        await stack.PublishAsync(Events.DossierOpened(subject));
        Assert.Equal([1, 2, 3], await watcher.ReachesAsync(3));

        await redis.StartAgainAsync(TestContext.Current.CancellationToken);
        await stack.PublishAsync(Events.DossierOpened(subject));
        Assert.Equal([1, 2, 3, 4], await watcher.ReachesAsync(4));
    }

    [Fact]
    public async Task Hears_over_Redis_at_once_what_another_replica_wrote_and_without_it_by_looking()
    {
        await Servers.RedisAsync();
        await using var redis = await RedisServer.StartAsync(Servers.NewOptions("redis"), TestContext.Current.CancellationToken);
        // Looks by itself so rarely that within the test only Redis can tell it.
        await using var watching = await StartAsync(redis, settings: ["Notification:InboxPoll=00:05:00"]);
        await using var writing = await StartAsync(redis, watching.Database, watching.Mail);
        await using var looking = await StartAsync(database: watching.Database, mail: watching.Mail, settings: ["Notification:InboxPoll=00:00:00.200"]);
        var (owner, subject) = await SubscribedAsync(watching);
        using var told = new Watcher(watching, owner);
        using var looks = new Watcher(looking, owner);
        await Task.WhenAll(told.IsOpenAsync(), looks.IsOpenAsync());

        // Repeated, because a replica that has just started may still be subscribing.
        await Eventually.BecomesTrueAsync(async () =>
        {
            await writing.PublishAsync(Events.DossierOpened(subject));
            return told.Cursors.Count > 0;
        });

        await looks.ReachesAsync(1);
    }

    [Fact]
    public async Task Ends_as_unavailable_when_the_server_stops_and_is_resumed_after_it()
    {
        await using var stack = await StartAsync();
        var (owner, subject) = await SubscribedAsync(stack);
        await stack.PublishAsync(Events.DossierOpened(subject));
        using var before = new Watcher(stack, owner);
        await before.ReachesAsync(1);

        await stack.RestartAsync();

        var end = await before.EndAsync();
        Assert.Equal(StatusCode.Unavailable, end.StatusCode);
        await stack.PublishAsync(Events.DossierOpened(subject));
        using var after = new Watcher(stack, owner, before.Cursors[^1]);
        Assert.Equal([2], await after.ReachesAsync(2));
    }

    [Fact]
    public async Task Says_so_when_the_caller_is_not_registered_or_the_cursor_is_negative()
    {
        Assert.Equal((StatusCode.NotFound, "RECIPIENT_NOT_FOUND"), await RefusalAsync(new WatchInboxRequest(), _stack.As("stranger", Roles.Reviewer)));
        Assert.Equal((StatusCode.InvalidArgument, "FIELD_INVALID"), await RefusalAsync(new WatchInboxRequest { AfterCursor = -1 }, _stack.Auditor));
        Assert.Equal((StatusCode.Unauthenticated, "CREDENTIAL_MISSING"), await RefusalAsync(new WatchInboxRequest(), []));

        async Task<(StatusCode, string)> RefusalAsync(WatchInboxRequest request, Metadata caller)
        {
            using var call = _stack.Client.WatchInbox(request, caller);
            return Refusal(await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)));
        }
    }

    private static async Task<(Recipient Owner, string Subject)> SubscribedAsync(NotificationStack stack)
    {
        var subject = NewSubject();
        var owner = await stack.RecipientAsync(Audience.Staff);
        await stack.SubscribeAsync(owner, EventKind.DossierOpened, subject, Channel.Inbox);
        return (owner, subject);
    }

    // Reads a stream into a list until it is disposed.
    private sealed class Watcher : IDisposable
    {
        private readonly AsyncServerStreamingCall<WatchInboxResponse> _call;
        private readonly Lock _gate = new();
        private readonly List<long> _cursors = [];
        private readonly Task<RpcException?> _reading;

        public Watcher(NotificationStack stack, Recipient owner, long afterCursor = 0)
        {
            _call = stack.Client.WatchInbox(new WatchInboxRequest { AfterCursor = afterCursor }, stack.As(owner.Staff, Roles.Recipient));
            _reading = ReadAsync();
        }

        public IReadOnlyList<long> Cursors
        {
            get
            {
                lock (_gate)
                {
                    return [.. _cursors];
                }
            }
        }

        public Task<Metadata> IsOpenAsync() => _call.ResponseHeadersAsync.WaitAsync(Eventually.Patience);

        /// <summary>All cursors streamed, when that one is among them.</summary>
        public async Task<IReadOnlyList<long>> ReachesAsync(long cursor)
        {
            await Eventually.BecomesTrueAsync(() => Cursors.Contains(cursor), what: $"cursor {cursor} is streamed");
            return Cursors;
        }

        /// <summary>The first cursors streamed, when there are that many.</summary>
        public async Task<IReadOnlyList<long>> GrowsToAsync(int count)
        {
            await Eventually.BecomesTrueAsync(() => Cursors.Count >= count, what: $"{count} items are streamed");
            return [.. Cursors.Take(count)];
        }

        /// <summary>How the server ended the stream.</summary>
        public async Task<RpcException> EndAsync() =>
            await _reading.WaitAsync(Eventually.Patience) ?? throw new InvalidOperationException("The stream ended without a status.");

        public void Dispose() => _call.Dispose();

        private async Task<RpcException?> ReadAsync()
        {
            try
            {
                await foreach (var response in _call.ResponseStream.ReadAllAsync())
                {
                    lock (_gate)
                    {
                        _cursors.Add(response.Item.Cursor);
                    }
                }

                return null;
            }
            catch (RpcException ended)
            {
                return ended;
            }
        }
    }
}
