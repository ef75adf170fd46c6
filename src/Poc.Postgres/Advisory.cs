using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Poc.Postgres;

/// <summary>A lock was lost to another holder while its former holder still wrote.</summary>
public sealed class FenceLostException(long key, long number)
    : InvalidOperationException($"Lock {key} is no longer held under number {number}: another process has taken it.");

/// <summary>
/// Proof of having held a lock at some moment. A holder that was stopped and went on (a paused machine, a broken link) may not notice that another one took
/// over: every transaction that only the holder may do begins with <see cref="RequireAsync"/>.
/// </summary>
/// <param name="Key">Which lock.</param>
/// <param name="Number">Higher for every later holder.</param>
public sealed record Fence(long Key, long Number)
{
    // Share-locks the row: who takes the lock over waits for this transaction, or this one sees the higher number.
    private const string CurrentSql = "SELECT number FROM fences WHERE key = $1 FOR SHARE";

    /// <summary>Makes the transaction fail unless no later holder exists.</summary>
    /// <exception cref="FenceLostException">Another holder has taken over.</exception>
    public async Task RequireAsync(Tx tx)
    {
        if (await tx.ScalarAsync<long>(CurrentSql, Key) != Number)
        {
            throw new FenceLostException(Key, Number);
        }
    }
}

/// <summary>Work that only one replica does at a time: schedulers, integrators.</summary>
public static class Advisory
{
    private static readonly TimeSpan Contend = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(3);

    private const string TryLockSql = "SELECT pg_try_advisory_lock($1)";

    private const string RaiseSql = """
        INSERT INTO fences AS f (key, number) VALUES ($1, 1) ON CONFLICT ON CONSTRAINT pk_fences DO UPDATE SET number = f.number + 1 RETURNING number
        """;

    /// <inheritdoc cref="RunWhileHeldAsync(NpgsqlDataSource, long, Func{Fence, CancellationToken, Task}, TimeProvider, ILogger?, CancellationToken)"/>
    public static Task RunWhileHeldAsync(
        NpgsqlDataSource source, long key, Func<CancellationToken, Task> body, TimeProvider clock, ILogger? logger, CancellationToken cancellation) =>
        RunWhileHeldAsync(source, key, (_, held) => body(held), clock, logger, cancellation);

    /// <summary>
    /// Waits until this process is the only holder of the session lock <paramref name="key"/>, then runs <paramref name="body"/>. Its token is cancelled
    /// when the lock's connection is lost or <paramref name="cancellation"/> asks; after a loss it contends again. Returns when the body has returned by itself.
    /// </summary>
    /// <remarks>Takes one connection of the pool for as long as it holds or contends. A lost connection is noticed within about 6 s, hence the <see cref="Fence"/>.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked for the end.</exception>
    public static async Task RunWhileHeldAsync(
        NpgsqlDataSource source, long key, Func<Fence, CancellationToken, Task> body, TimeProvider clock, ILogger? logger, CancellationToken cancellation)
    {
        var log = logger ?? NullLogger.Instance;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellation);
                await AcquireAsync(connection, key, clock, cancellation);
                var fence = new Fence(key, await ScalarAsync<long>(connection, RaiseSql, key, cancellation));
                log.LogInformation("Holding lock {Key} under number {Number}.", key, fence.Number);
                if (await RunHeldAsync(connection, fence, body, clock, cancellation))
                {
                    return;
                }

                log.LogWarning("Lost lock {Key} under number {Number}; contending again.", key, fence.Number);
            }
            catch (NpgsqlException problem) when (Transience.IsTransient(problem))
            {
                log.LogWarning("Lock {Key} cannot be asked for: {Reason}", key, problem.Message);
            }

            await Task.Delay(Contend, clock, cancellation);
        }
    }

    private static async Task AcquireAsync(NpgsqlConnection connection, long key, TimeProvider clock, CancellationToken cancellation)
    {
        while (!await ScalarAsync<bool>(connection, TryLockSql, key, cancellation))
        {
            await Task.Delay(Contend, clock, cancellation);
        }
    }

    /// <summary>True when the body returned by itself, false when the lock was lost under it.</summary>
    private static async Task<bool> RunHeldAsync(
        NpgsqlConnection connection, Fence fence, Func<Fence, CancellationToken, Task> body, TimeProvider clock, CancellationToken cancellation)
    {
        using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var finished = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = WatchAsync(connection, clock, held, finished.Token);
        try
        {
            await body(fence, held.Token);
            return true;
        }
        catch (Exception problem) when (problem is OperationCanceledException or FenceLostException && !cancellation.IsCancellationRequested && (held.IsCancellationRequested || problem is FenceLostException))
        {
            return false;
        }
        finally
        {
            await finished.CancelAsync();
            await watch;
            // Closing a pooled connection would release the lock too, but not before its next user: say it now. A broken connection has released it already.
            await ReleaseAsync(connection, fence.Key);
        }
    }

    private static async Task WatchAsync(NpgsqlConnection connection, TimeProvider clock, CancellationTokenSource held, CancellationToken finished)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Heartbeat, clock, finished);
                await using var beat = new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = (int)Heartbeat.TotalSeconds };
                await beat.ExecuteScalarAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (finished.IsCancellationRequested)
        {
        }
        catch (Exception problem) when (problem is NpgsqlException or InvalidOperationException)
        {
            await held.CancelAsync();
        }
    }

    private static async Task ReleaseAsync(NpgsqlConnection connection, long key)
    {
        try
        {
            await ScalarAsync<bool>(connection, "SELECT pg_advisory_unlock($1)", key, CancellationToken.None);
        }
        catch (Exception problem) when (problem is NpgsqlException or InvalidOperationException)
        {
        }
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, long key, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter { Value = key } } };
        return (T)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
