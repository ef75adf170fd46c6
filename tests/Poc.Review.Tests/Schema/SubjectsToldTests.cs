using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Poc.Contracts.Events;
using Poc.Contracts.Events.Review.V1;
using Poc.Migrator;
using Poc.Postgres;
using Poc.Testing;

namespace Poc.Review.Tests.Schema;

/// <summary>A database of the version before subjects were told of.</summary>
public sealed class SubjectsToldTests
{
    [Fact]
    public async Task Subjects_on_record_are_told_once_when_the_database_migrates()
    {
        var connection = await Servers.NewDatabaseAsync("reviewdb");
        var scripts = ServiceDatabases.ScriptsOf("reviewdb");
        await Migrations.ApplyAsync(connection, [.. scripts.Where(static script => !script.Name.Contains("0002_", StringComparison.Ordinal))], NullLogger.Instance, CancellationToken.None);
        var recorded = new DateTimeOffset(2021, 1, 17, 9, 30, 0, 123, TimeSpan.Zero);
        await using (var old = Npgsql.NpgsqlDataSource.Create(connection))
        {
            await new Database(old, TimeProvider.System).InTransactionAsync(
                tx => tx.ExecuteAsync("INSERT INTO subjects VALUES ('subjects/a', 'Имя \"с кавычкой\"', 'Cyrl', '{One,Two}', true, $1)", recorded), CancellationToken.None);
        }

        await using var migrated = await TestDatabase.AtAsync(connection, "reviewdb");
        await Migrations.ApplyAsync(connection, scripts, NullLogger.Instance, CancellationToken.None);

        var body = await migrated.ScalarAsync<string>("SELECT body FROM outbox WHERE urn = 'poc.review.v1.subject-recorded'");
        var told = JsonSerializer.Deserialize<SubjectRecorded>(body, EventCatalogue.Json)!;
        Assert.Equal(("subjects/a", 1, recorded, "Имя \"с кавычкой\"", "Cyrl"), (told.Aggregate, told.Version, told.OccurredAt, told.NativeName, told.Script));
        Assert.Equal(["One", "Two"], told.Transliterations);
        Assert.Equal(told.EventId, await migrated.ScalarAsync<Guid>("SELECT event_id FROM outbox"));
    }
}
