using Npgsql;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Tests;
using Poc.Testing;

[assembly: AssemblyFixture(typeof(SharedArchive))]

namespace Poc.StatementArchive.Tests;

/// <summary>One service with its database for all tests that do not need one of their own; each works on subjects of its own.</summary>
public sealed class SharedArchive : IAsyncLifetime
{
    private ArchiveService? _service;
    private TestDatabase? _database;

    public ArchiveService Service => _service!;

    public StatementArchiveService.StatementArchiveServiceClient Client => Service.Client;

    public TestDatabase Database => _database!;

    public async ValueTask InitializeAsync()
    {
        await TestKeys.MakeAsync();
        _database = await TestDatabase.CreateAsync("archivedb");
        _service = await ArchiveService.StartAsync(_database.ConnectionString, (await Servers.RabbitMqAsync()).ConnectionString);
    }

    /// <summary>Changes rows as somebody would who owns the database: past its triggers.</summary>
    public Task<int> TamperAsync(string sql, params object?[] values) => TamperAsync(Database.Database, sql, values);

    public static Task<int> TamperAsync(Database database, string sql, params object?[] values) => database.InTransactionAsync(async tx =>
    {
        await tx.ExecuteAsync("SET LOCAL session_replication_role = replica");
        return await tx.ExecuteAsync(sql, values);
    }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}
