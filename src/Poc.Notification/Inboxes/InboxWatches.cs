using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Postgres;

namespace Poc.Notification.Inboxes;

/// <summary>
/// Tells this replica's watchers that their inbox has grown. It looks when it is told to (<see cref="Look"/>), and every <see
/// cref="NotificationOptions.InboxPoll"/> by itself: one query for all inboxes that are watched here, and none while nobody watches.
/// </summary>
internal sealed class InboxWatches(
    Database database, IOptions<NotificationOptions> options, TimeProvider clock, ILogger<InboxWatches> logger) : BackgroundService
{
    private const string CursorsSql = "SELECT recipient_id, last_cursor FROM inboxes WHERE recipient_id = ANY($1)";

    private readonly ConcurrentDictionary<Watch, bool> _watches = new();
    private readonly Signal _look = new(clock);

    /// <summary>Some inbox may have grown.</summary>
    public void Look() => _look.Raise();

    /// <summary>Begins a watch; dispose it at its end.</summary>
    /// <param name="recipientId">Whose inbox.</param>
    /// <param name="seen">The last cursor that the watcher has.</param>
    public Watch Begin(string recipientId, long seen)
    {
        var watch = new Watch(recipientId, seen, new Signal(clock), ended => _watches.TryRemove(ended, out _));
        _watches.TryAdd(watch, true);
        return watch;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _look.WaitAsync(options.Value.InboxPoll, stoppingToken);
                await WakeGrownAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException problem)
            {
                // The watchers' own reads tell their callers; here it is enough to look again.
                logger.LogDebug(problem, "Inboxes could not be looked at");
            }
        }
    }

    private async Task WakeGrownAsync(CancellationToken cancellation)
    {
        var watches = _watches.Keys.ToLookup(static watch => watch.RecipientId, StringComparer.Ordinal);
        if (watches.Count == 0)
        {
            return;
        }

        var watched = watches.Select(static group => group.Key).ToArray();
        var inboxes = await database.ReadAsync(
            tx => tx.QueryAsync(CursorsSql, static row => (RecipientId: row.GetString(0), LastCursor: row.GetInt64(1)), (object)watched), cancellation);
        foreach (var (recipientId, lastCursor) in inboxes)
        {
            foreach (var watch in watches[recipientId].Where(watch => watch.Seen < lastCursor))
            {
                watch.Wake();
            }
        }
    }

    /// <summary>One watcher of one inbox.</summary>
    internal sealed class Watch(string recipientId, long seen, Signal growth, Action<Watch> end) : IDisposable
    {
        private long _seen = seen;

        public string RecipientId => recipientId;

        /// <summary>The last cursor that was given to the watcher.</summary>
        public long Seen
        {
            get => Volatile.Read(ref _seen);
            set => Volatile.Write(ref _seen, value);
        }

        /// <summary>Returns when the inbox has grown beyond <see cref="Seen"/>, or may have.</summary>
        public Task GrowthAsync(CancellationToken cancellation) => growth.WaitAsync(Timeout.InfiniteTimeSpan, cancellation);

        public void Wake() => growth.Raise();

        public void Dispose() => end(this);
    }
}
