using System.Collections.Concurrent;
using System.Net.Sockets;
using Npgsql;
using Poc.Grpc;

namespace Poc.Intake.Partners;

/// <summary>
/// What was read about credentials and partners, trusted for a while. What is in use is read again when half of that time is over, by one caller and beside the calls, so that a busy partner's
/// calls do not all wait for the database at the same moment. Only what exists is remembered, so that made-up ids do not fill the memory.
/// </summary>
/// <param name="trust">How old what is answered may be.</param>
/// <param name="clock">Gives now.</param>
/// <param name="read">Reads the fact of an id; null where there is none.</param>
internal sealed class TrustedFacts<T>(TimeSpan trust, TimeProvider clock, Func<string, CancellationToken, Task<T?>> read) where T : class
{
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The fact; null where there is none.</summary>
    /// <param name="id">Whose.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    public ValueTask<T?> OfAsync(string id, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (!_known.TryGetValue(id, out var known) || now >= known.TrustedUntil)
        {
            return ReadAsync(id, now, cancellation);
        }

        if (now >= known.RenewAt && known.TryBeginRenewal())
        {
            _ = RenewAsync(id, now);
        }

        return ValueTask.FromResult<T?>(known.Fact);
    }

    private async ValueTask<T?> ReadAsync(string id, DateTimeOffset asked, CancellationToken cancellation)
    {
        if (await read(id, cancellation) is not { } fact)
        {
            _known.TryRemove(id, out _);
            return null;
        }

        // Counted from before the question: the answer is as old as that.
        _known[id] = new Known(fact, asked + (trust / 2), asked + trust);
        return fact;
    }

    private async Task RenewAsync(string id, DateTimeOffset asked)
    {
        try
        {
            await ReadAsync(id, asked, CancellationToken.None);
        }
        catch (Exception problem) when (problem is NpgsqlException or SocketException or TimeoutException or ObjectDisposedException or RpcError)
        {
            // Whoever asks when the trust is over is told.
        }
    }

    private sealed class Known(T fact, DateTimeOffset renewAt, DateTimeOffset trustedUntil)
    {
        private int _renewing;

        public T Fact => fact;

        public DateTimeOffset RenewAt => renewAt;

        public DateTimeOffset TrustedUntil => trustedUntil;

        public bool TryBeginRenewal() => Interlocked.Exchange(ref _renewing, 1) == 0;
    }
}
