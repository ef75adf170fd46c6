using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Poc.Postgres;

/// <summary>A schema that cannot be brought forward; the message says which script and why, for the person who has to mend it.</summary>
public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Brings a database to the schema of this version. Scripts only add: the version before keeps working on the result.</summary>
public static class Migrations
{
    // One lock for all migrators of a database; the number has no meaning but is not used elsewhere.
    private const long LockKey = 0x506F634D69677261;

    private const string CreateSql = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            name       text        CONSTRAINT pk_schema_migrations PRIMARY KEY,
            sha256     text        NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now())
        """;

    private const string AppliedSql = "SELECT name, sha256 FROM schema_migrations";
    private const string RecordSql = "INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)";

    /// <summary>The tables every database has: outbox, inbox, fences. Applied before a service's own scripts.</summary>
    public static IReadOnlyList<MigrationScript> Shared { get; } = MigrationScript.FromResources(typeof(Migrations).Assembly, "shared/");

    /// <summary>
    /// Applies <see cref="Shared"/> and then <paramref name="scripts"/>, each in a transaction of its own, leaving out what was applied before; gives the
    /// number that was applied now. Migrators that start together wait for each other. Scripts that only the database knows (a later version's) are left alone.
    /// </summary>
    /// <exception cref="MigrationException">A script failed (those before it stay applied), or one was changed after it had been applied.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public static async Task<int> ApplyAsync(string connectionString, IReadOnlyList<MigrationScript> scripts, ILogger logger, CancellationToken cancellation)
    {
        var ordered = Ordered(scripts);

        // No pool: the session lock ends with the connection whatever happens. No time limit: another migrator may be building an index.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellation);
        var tx = new Tx(connection, cancellation);
        await tx.ExecuteAsync("SELECT pg_advisory_lock($1)", LockKey);
        await tx.ExecuteAsync(CreateSql);

        var applied = (await tx.QueryAsync(AppliedSql, row => (Name: row.GetString(0), Sha256: row.GetString(1)))).ToDictionary(row => row.Name, row => row.Sha256);
        RefuseChanged(ordered, applied);
        var pending = ordered.Where(script => !applied.ContainsKey(script.Name)).ToList();
        foreach (var script in pending)
        {
            var took = Stopwatch.StartNew();
            await ApplyAsync(tx, script);
            logger.LogInformation("{Database}: applied {Script} in {Milliseconds} ms", connection.Database, script.Name, took.ElapsedMilliseconds);
        }

        return pending.Count;
    }

    private static List<MigrationScript> Ordered(IReadOnlyList<MigrationScript> scripts)
    {
        var ordered = Shared.Concat(scripts.OrderBy(script => script.Name, StringComparer.Ordinal)).ToList();
        return ordered.GroupBy(script => script.Name).FirstOrDefault(twins => twins.Count() > 1) is { } twins
            ? throw new MigrationException($"There are two scripts with the name {twins.Key}.")
            : ordered;
    }

    private static void RefuseChanged(List<MigrationScript> scripts, Dictionary<string, string> applied)
    {
        foreach (var script in scripts)
        {
            if (applied.TryGetValue(script.Name, out var sha256) && sha256 != script.Sha256)
            {
                throw new MigrationException($"{script.Name} was changed after it had been applied (then {sha256[..12]}, now {script.Sha256[..12]}). Restore it and add another script.");
            }
        }
    }

    private static async Task ApplyAsync(Tx tx, MigrationScript script)
    {
        await using var transaction = await tx.Connection.BeginTransactionAsync(tx.Cancellation);
        try
        {
            await tx.ExecuteAsync(script.Sql);
            await tx.ExecuteAsync(RecordSql, script.Name, script.Sha256);
            await transaction.CommitAsync(tx.Cancellation);
        }
        catch (PostgresException problem)
        {
            throw new MigrationException($"{script.Name}: {problem.MessageText} ({problem.SqlState})", problem);
        }
    }
}
