using System.Net.Sockets;
using Npgsql;

namespace Poc.Postgres;

/// <summary>Tells the database's trouble from the caller's.</summary>
public static class Transience
{
    /// <summary>
    /// The database, or the way to it, was at fault and the same work may succeed later: it shut down or failed over (57P0x, 25006), the connection broke or
    /// could not be made (08*, sockets, time-outs), there were too many of them (53300), another transaction got in the way (40001, 40P01), or nobody knows
    /// whether a commit took place (<see cref="CommitOutcomeUnknownException"/>). A consumer keeps such a message; a caller is told UNAVAILABLE.
    /// </summary>
    public static bool IsTransient(Exception problem) => problem switch
    {
        CommitOutcomeUnknownException => true,
        PostgresException postgres => IsTransientState(postgres.SqlState),
        NpgsqlException { InnerException: TimeoutException } => true,
        NpgsqlException npgsql => IsBrokenConnection(npgsql),
        _ => false,
    };

    /// <summary>Such a unit certainly left nothing behind and is worth another try at once. Time-outs are not: the next try would only wait as long again.</summary>
    internal static bool MayRetryAtOnce(Exception problem) => problem switch
    {
        CommitOutcomeUnknownException => false,
        NpgsqlException { InnerException: TimeoutException } => false,
        _ => IsTransient(problem),
    };

    /// <summary>The server reports that it rolled back: a COMMIT that fails like this has certainly not taken place.</summary>
    internal static bool IsRolledBack(Exception problem) =>
        problem is PostgresException postgres && (postgres.SqlState.StartsWith("40", StringComparison.Ordinal) || postgres.SqlState.StartsWith("23", StringComparison.Ordinal));

    private static bool IsTransientState(string state) =>
        state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
        || state.StartsWith("08", StringComparison.Ordinal);

    private static bool IsBrokenConnection(NpgsqlException problem) =>
        problem.InnerException is IOException or SocketException or NpgsqlException { IsTransient: true } || problem.IsTransient;
}

/// <summary>
/// The connection was lost while COMMIT was under way: the work is either wholly done or wholly undone, and only looking can tell. It is not tried again
/// here, because that could do it twice. Whoever asked repeats the same request: writes keyed by request id, and inbox rows, make the repetition harmless.
/// </summary>
public sealed class CommitOutcomeUnknownException(Exception inner)
    : NpgsqlException("The connection was lost during COMMIT; whether the transaction took place is unknown. Repeat the same request.", inner)
{
    /// <inheritdoc/>
    public override bool IsTransient => true;
}
