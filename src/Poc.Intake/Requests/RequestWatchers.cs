using System.Collections.Concurrent;
using System.Threading.Channels;
using Npgsql;

namespace Poc.Intake.Requests;

/// <summary>
/// Wakes those who watch a request of which PostgreSQL says that its state changed (<see cref="RequestStates.Channel"/>), whichever replica changed it. One
/// connection for all watchers; while it is down they look by themselves.
/// </summary>
internal sealed class RequestWatchers(NpgsqlDataSource source, TimeProvider clock, ILogger<RequestWatchers> logger) : BackgroundService
{
    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<Watcher, bool>> _watchers = new();

    /// <summary>A watcher of the request, from now until it is disposed.</summary>
    public Watcher Watch(Guid request) => new(this, request);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is NpgsqlException or InvalidOperationException or IOException && !stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning("No notifications from PostgreSQL for the moment ({Problem}); watches look by themselves", problem.GetType().Name);
                await Task.Delay(Reconnect, clock, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken stopping)
    {
        await using var connection = await source.OpenConnectionAsync(stopping);
        connection.Notification += (_, told) => Wake(told.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {RequestStates.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(stopping);
        }

        // What changed while nobody listened was not told.
        foreach (var request in _watchers.Keys)
        {
            Wake(request);
        }

        while (true)
        {
            await connection.WaitAsync(stopping);
        }
    }

    private void Wake(string payload)
    {
        if (Guid.TryParse(payload, out var request))
        {
            Wake(request);
        }
    }

    private void Wake(Guid request)
    {
        if (_watchers.TryGetValue(request, out var watchers))
        {
            foreach (var (watcher, _) in watchers)
            {
                watcher.Wake();
            }
        }
    }

    /// <summary>One who watches.</summary>
    internal sealed class Watcher : IDisposable
    {
        // Room for one: several changes before the next look are one look.
        private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        private readonly RequestWatchers _owner;
        private readonly Guid _request;

        public Watcher(RequestWatchers owner, Guid request)
        {
            (_owner, _request) = (owner, request);
            // The set may be taken away as empty between the two steps; then join the next one.
            while (true)
            {
                var watchers = owner._watchers.GetOrAdd(request, static _ => new());
                lock (watchers)
                {
                    if (owner._watchers.TryGetValue(request, out var current) && ReferenceEquals(current, watchers))
                    {
                        watchers[this] = true;
                        return;
                    }
                }
            }
        }

        /// <summary>Returns after a change, or after <paramref name="atLatest"/>.</summary>
        public async Task ChangedAsync(TimeSpan atLatest, CancellationToken cancellation)
        {
            try
            {
                await _changes.Reader.ReadAsync(cancellation).AsTask().WaitAsync(atLatest, _owner.Clock, cancellation);
            }
            catch (TimeoutException)
            {
            }
        }

        public void Wake() => _changes.Writer.TryWrite(true);

        public void Dispose()
        {
            var watchers = _owner._watchers[_request];
            lock (watchers)
            {
                watchers.TryRemove(this, out _);
                if (watchers.IsEmpty)
                {
                    _owner._watchers.TryRemove(_request, out _);
                }
            }
        }
    }

    private TimeProvider Clock => clock;
}
