using System.Data;
using System.Security.Cryptography;
using Npgsql;

namespace Poc.Postgres;

/// <summary>A service's own database: units of work that are retried as a whole.</summary>
/// <param name="source">The pool of connections.</param>
/// <param name="clock">Gives the pauses between attempts.</param>
/// <param name="scopes">Says whose rows a transaction may see; none: every transaction sees all.</param>
public sealed class Database(NpgsqlDataSource source, TimeProvider clock, IRowScopes? scopes = null)
{
    /// <summary>How often a unit of work is begun before its failure is reported.</summary>
    public const int MaxAttempts = 5;

    private const string ReadOnlySql = "SET TRANSACTION READ ONLY";
    private const string EnterSql = "SELECT set_config('transaction_read_only', $1, true), set_config($2, $3, true), set_config('role', $4, true)";

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
    /// <exception cref="InvalidOperationException">There is a <see cref="RowScope"/>, which only a transaction can have.</exception>
    public Task<T> RepeatAsync<T>(Func<Tx, Task<T>> work, CancellationToken cancellation) =>
        RetryAsync(
            async () =>
            {
                if (scopes?.Current is not null)
                {
                    throw new InvalidOperationException("Without a transaction the rows of others cannot be kept from sight.");
                }

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
        await BeginAsync(tx, readOnly);
        var result = await work(tx);
        await CommitAsync(transaction, readOnly, cancellation);
        return result;
    }

    // One way there and back, or none.
    private async Task BeginAsync(Tx tx, bool readOnly)
    {
        if (scopes?.Current is { } scope)
        {
            await tx.ExecuteAsync(EnterSql, readOnly ? "on" : "off", scope.Setting, scope.Value, scope.Role);
        }
        else if (readOnly)
        {
            await tx.ExecuteAsync(ReadOnlySql);
        }
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
