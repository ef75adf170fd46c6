using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Poc.Testing;

namespace Poc.Postgres.Tests;

public sealed class MigrationsTests
{
    private static readonly MigrationScript First = new("0001_things.sql", "CREATE TABLE things (n int); INSERT INTO things VALUES (1);");
    private static readonly MigrationScript Second = new("0002_more.sql", "ALTER TABLE things ADD COLUMN more text;");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gives_a_database_without_scripts_of_its_own_the_shared_tables()
    {
        var database = await Servers.NewDatabaseAsync();
        Assert.Equal(Migrations.Shared.Count, await ApplyAsync(database));
        Assert.Equal(0, await ScalarAsync<long>(database, "SELECT count(*) FROM outbox, inbox, inbox_versions, inbox_parked, fences"));
    }

    [Fact]
    public async Task Applies_scripts_in_the_order_of_their_names_and_only_once()
    {
        var database = await Servers.NewDatabaseAsync();
        Assert.Equal(Migrations.Shared.Count + 1, await ApplyAsync(database, First));
        Assert.Equal(1, await ApplyAsync(database, Second, First));
        Assert.Equal(0, await ApplyAsync(database, Second, First));
        Assert.Equal(1, await ScalarAsync<long>(database, "SELECT count(more IS NULL) FROM things"));
        Assert.Equal(["0001_things.sql", "0002_more.sql"], await ScalarAsync<string[]>(database, "SELECT array_agg(name ORDER BY applied_at) FROM schema_migrations WHERE name > '0001'"));
    }

    [Fact]
    public async Task Refuses_a_script_that_was_changed_after_it_had_been_applied()
    {
        var database = await Servers.NewDatabaseAsync();
        await ApplyAsync(database, First);
        var problem = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(database, First with { Sql = First.Sql + " -- more" }, Second));
        Assert.Contains("0001_things.sql was changed", problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, await ScalarAsync<long>(database, "SELECT count(*) FROM schema_migrations WHERE name = '0002_more.sql'"));
    }

    [Fact]
    public void Takes_no_notice_of_how_lines_end() =>
        Assert.Equal(new MigrationScript("a", "SELECT 1;\nSELECT 2;\n").Sha256, new MigrationScript("a", "SELECT 1;\r\nSELECT 2;\r\n").Sha256);

    [Fact]
    public async Task Undoes_a_script_that_fails_keeps_those_before_it_and_says_why()
    {
        var database = await Servers.NewDatabaseAsync();
        var problem = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(database, First, new("0002_bad.sql", "CREATE TABLE half (n int);\nSELECT nonsense\nFROM things;")));
        Assert.Contains("0002_bad.sql", problem.Message, StringComparison.Ordinal);
        Assert.Contains("nonsense", problem.Message, StringComparison.Ordinal);
        Assert.True(await ScalarAsync<bool>(database, "SELECT to_regclass('half') IS NULL AND to_regclass('things') IS NOT NULL"));
    }

    [Fact]
    public async Task Applies_each_script_once_when_several_migrators_start_together()
    {
        var database = await Servers.NewDatabaseAsync();
        var applied = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ApplyAsync(database, First, Second)));
        Assert.Equal(Migrations.Shared.Count + 2, applied.Sum());
        Assert.Equal(1, await ScalarAsync<long>(database, "SELECT count(*) FROM things"));
    }

    [Fact]
    public async Task Leaves_alone_what_a_later_version_has_applied()
    {
        var database = await Servers.NewDatabaseAsync();
        await ApplyAsync(database, First, Second);
        Assert.Equal(0, await ApplyAsync(database, First));
    }

    [Fact]
    public async Task Refuses_two_scripts_of_one_name()
    {
        var database = await Servers.NewDatabaseAsync();
        await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(database, First, First));
        await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(database, new MigrationScript("0000_shared.sql", "SELECT 1")));
    }

    private static Task<int> ApplyAsync(string database, params MigrationScript[] scripts) => Migrations.ApplyAsync(database, scripts, NullLogger.Instance, Cancellation);

    private static async Task<T> ScalarAsync<T>(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
