using System.Diagnostics;
using Npgsql;
using Poc.Testing;

namespace Poc.Migrator.Tests;

public sealed class ProgramTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Explains_itself()
    {
        var (code, output, _) = await RunAsync("--help");
        Assert.Equal(0, code);
        Assert.All(ServiceDatabases.Names, name => Assert.Contains(name, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("No database is configured")]
    [InlineData("'nonsense' is not understood", "nonsense")]
    [InlineData("'--waits' is not understood", "--waits")]
    [InlineData("--wait=soon", "--wait=soon")]
    public async Task Refuses_wrong_usage_with_a_reason(string reason, params string[] arguments)
    {
        var (code, _, error) = await RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrates_every_database_that_is_configured_and_is_harmless_again()
    {
        var databases = new Dictionary<string, string>();
        foreach (var name in ServiceDatabases.Names)
        {
            databases[name] = await Servers.NewDatabaseAsync(name);
        }

        string[] arguments = [.. databases.Select(database => $"--ConnectionStrings:{database.Key}={database.Value}")];
        var (code, output, error) = await RunAsync(arguments);
        Assert.True(code == 0, output + error);
        foreach (var (name, connectionString) in databases)
        {
            Assert.Contains($"{name}: up to date", output, StringComparison.Ordinal);
            Assert.Equal(Poc.Postgres.Migrations.Shared.Count + ServiceDatabases.ScriptsOf(name).Count, await CountAsync(connectionString));
        }

        (code, output, _) = await RunAsync(arguments);
        Assert.Equal(0, code);
        Assert.DoesNotContain("applied 0000_shared.sql", output, StringComparison.Ordinal);
        Assert.Contains("intakedb: up to date, 0 scripts applied", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrates_the_others_when_one_cannot_be_and_says_which()
    {
        var good = await Servers.NewDatabaseAsync("reviewdb");
        var absent = new NpgsqlConnectionStringBuilder(good) { Database = "absent" }.ConnectionString;
        var (code, output, _) = await RunAsync($"--ConnectionStrings:intakedb={absent}", $"--ConnectionStrings:reviewdb={good}");
        Assert.Equal(1, code);
        Assert.Contains("""intakedb: 3D000: database "absent" does not exist""", output, StringComparison.Ordinal);
        Assert.Contains("reviewdb: up to date", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_up_on_a_server_that_does_not_answer_in_time()
    {
        var (code, output, _) = await RunAsync("--wait=1", "--ConnectionStrings:intakedb=Host=127.0.0.1;Port=1;Username=x;Password=x;Database=x");
        Assert.Equal(1, code);
        Assert.Contains("intakedb: waiting for the server", output, StringComparison.Ordinal);
        Assert.Contains("intakedb: Failed to connect to 127.0.0.1:1", output, StringComparison.Ordinal);
    }

    private static async Task<long> CountAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await using var command = source.CreateCommand("SELECT count(*) FROM schema_migrations");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ServiceDatabases).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var configured in start.Environment.Keys.Where(key => key.StartsWith("ConnectionStrings", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(configured);
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output, await error);
    }
}
