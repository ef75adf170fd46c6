using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Poc.Migrator;
using Poc.Postgres;
using Poc.StatementArchive.Search;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Search;

public sealed class SearchLocaleTests
{
    [Fact]
    public async Task Does_not_serve_on_a_database_that_knows_no_letters_beyond_ASCII()
    {
        var postgres = await Servers.PostgresAsync();
        await using (var server = NpgsqlDataSource.Create(postgres.ConnectionStringOf("postgres")))
        await using (var create = server.CreateCommand("CREATE DATABASE archive_c TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"))
        {
            await create.ExecuteNonQueryAsync();
        }

        var database = postgres.ConnectionStringOf("archive_c");
        await Migrations.ApplyAsync(database, ServiceDatabases.ScriptsOf("archivedb"), NullLogger.Instance, CancellationToken.None);
        await using var service = ArchiveService.Launch(database);
        Assert.Equal(SearchLocale.ExitCode, await service.Exited.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("locale C / C", service.Output, StringComparison.Ordinal);
    }
}
