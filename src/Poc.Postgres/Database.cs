using System.Data;
using System.Security.Cryptography;
using Npgsql;

namespace Poc.Postgres;

/// <summary>A service's own database: units of work that are retried as a whole.</summary>
public sealed class Database(NpgsqlDataSource source, TimeProvider clock)
{
    /// <summary>How often a unit of work is begun before its failure is reported.</summary>
    public const int MaxAttempts = 5;

    // Together about 3 s: longer than a fast restart of PostgreSQL, shorter than a caller's deadline.
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(900), TimeSpan.FromMilliseconds(1800)];

    /// <summary>The pool of connections.</summary>
    public NpgsqlDataSource Source => source;

    /// <summary>
    /// Runs <paramref name="work"/> in one READ COMMITTED transaction and commits. What the work throws rolls everything back. After a transient failure
    /// (<see cref="Transience"/>) the whole work is run again, at most <see cref="MaxAttempts"/> times in all with jittered pauses between: so it must do
    /// nothing outside the transaction that may not happen twice.
    /// </summary>
    /// <exception cref="CommitOutcomeUnknownException">The connection was lost during COMMIT. Not retried here: see there.</exception>
    public Task<T> InTransactionAsync<T>(Func<Tx, Task<T>> work, CancellationToken cancellation) =>
        RetryAsync(() => OnceAsync(IsolationLevel.ReadCommitted, readOnly: false, work, cancellation), readOnly: false, cancellation);

    /// <inheritdoc cref="InTransactionAsync{T}"/>
    public Task InTransactionAsync(Func<Tx, Task> work, CancellationToken cancellation) =>
        InTransactionAsync(async tx => { await work(tx); return true; }, cancellation);

    /// <summary>Runs <paramref name="work"/> in a read-only transaction in which all statements see the database as of one moment (REPEATABLE READ). Retried as <see cref="InTransactionAsync{T}"/> is.</summary>
    public Task<T> ReadAsync<T>(Func<Tx, Task<T>> work, CancellationToken cancellation) =>
        RetryAsync(() => OnceAsync(IsolationLevel.RepeatableRead, readOnly: true, work, cancellation), readOnly: true, cancellation);

    /// <summary>
    /// Runs <paramref name="work"/> with no transaction around it: each statement is committed by itself, which saves the way there and back that BEGIN and COMMIT cost. Retried as
    /// <see cref="InTransactionAsync{T}"/> is, also where the connection was lost and nobody knows whether a statement took place: so it changes things by one statement only, and by
    /// one that may be done twice. Whoever reads that statement's rows must go on to <see cref="Npgsql.NpgsqlDataReader.NextResultAsync(CancellationToken)"/>: only then is it committed.
    /// </summary>
    public Task<T> RepeatAsync<T>(Func<Tx, Task<T>> work, CancellationToken cancellation) =>
        RetryAsync(
            async () =>
            {
                await using var connection = await source.OpenConnectionAsync(cancellation);
                return await work(new Tx(connection, cancellation));
            },
            readOnly: false,
            cancellation);

    private async Task<T> RetryAsync<T>(Func<Task<T>> once, bool readOnly, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await once();
            }
            catch (Exception problem) when (attempt < MaxAttempts && Transience.MayRetryAtOnce(problem) && !cancellation.IsCancellationRequested
                && !(readOnly && IsReadOnly(problem))) // a write in ReadAsync is a mistake, not a failover
            {
                if (IsReadOnly(problem))
                {
                    source.Clear(); // pooled connections still lead to a server that is no longer the primary
                }

                var pause = Pauses[attempt - 1];
                await Task.Delay(pause * (0.5 + RandomNumberGenerator.GetInt32(500) / 1000.0), clock, cancellation);
            }
        }
    }

    private async Task<T> OnceAsync<T>(IsolationLevel isolation, bool readOnly, Func<Tx, Task<T>> work, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(isolation, cancellation);
        var tx = new Tx(connection, cancellation);
        if (readOnly)
        {
            await tx.ExecuteAsync("SET TRANSACTION READ ONLY");
        }

        var result = await work(tx);
        await CommitAsync(transaction, readOnly, cancellation);
        return result;
    }

    private static bool IsReadOnly(Exception problem) => problem is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    private static async Task CommitAsync(NpgsqlTransaction transaction, bool readOnly, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            // Not cancellable: a caller that goes away at this moment would leave the outcome unknown for no gain.
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception problem) when (problem is not CommitOutcomeUnknownException && !readOnly && !Transience.IsRolledBack(problem))
        {
            throw new CommitOutcomeUnknownException(problem);
        }
    }
}
