using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Poc.Migrator;
using Poc.Postgres;

namespace Poc.Testing;

/// <summary>A database of a test's own on the process's server, with a service's schema.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private TestDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        // Many tests share one server, which allows 100 connections.
        Source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 20 });
        Database = new Database(Source, TimeProvider.System);
    }

    /// <summary>Where it is.</summary>
    public string ConnectionString { get; }

    /// <summary>A pool of connections to it.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>Units of work on it.</summary>
    public Database Database { get; }

    /// <summary>A new database with the shared tables and those of a service.</summary>
    /// <param name="name"><c>intakedb</c>, <c>archivedb</c>, <c>reviewdb</c> or <c>notificationdb</c>; null for the shared tables alone.</param>
    public static async Task<TestDatabase> CreateAsync(string? name = null)
    {
        return await AtAsync(await Servers.NewDatabaseAsync(name ?? "shared"), name);
    }

    /// <summary>The same in an empty database that exists, for tests with a server of their own.</summary>
    /// <param name="connectionString">Where it is.</param>
    /// <param name="name">As for <see cref="CreateAsync"/>.</param>
    public static async Task<TestDatabase> AtAsync(string connectionString, string? name = null)
    {
        await Migrations.ApplyAsync(connectionString, name is null ? [] : ServiceDatabases.ScriptsOf(name), NullLogger.Instance, CancellationToken.None);
        return new TestDatabase(connectionString);
    }

    /// <summary>The only value a query gives.</summary>
    public Task<T> ScalarAsync<T>(string sql, params object?[] values) =>
        Database.InTransactionAsync(tx => tx.ScalarAsync<T>(sql, values), CancellationToken.None);

    /// <summary>Runs a statement in a transaction of its own; gives the number of rows changed.</summary>
    public Task<int> ExecuteAsync(string sql, params object?[] values) =>
        Database.InTransactionAsync(tx => tx.ExecuteAsync(sql, values), CancellationToken.None);

    /// <summary>Closes the pool; the database goes with the process's server.</summary>
    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
