using Npgsql;
using Poc.LocalHost.Servers;
using Poc.Testing;

namespace Poc.LocalHost.Tests.Servers;

public sealed class PostgresServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keeps_committed_rows_over_a_kill_and_a_restart_on_the_same_port()
    {
        await Poc.Testing.Servers.PostgresAsync();
        await using var server = await PostgresServer.StartAsync(Poc.Testing.Servers.NewOptions("pg"), Cancellation);
        await server.EnsureDatabaseAsync("kept", Cancellation);
        await server.EnsureDatabaseAsync("kept", Cancellation);
        await ExecuteAsync(server, "CREATE TABLE t (n int); INSERT INTO t VALUES (42)");
        var (port, pid) = (server.Port, server.Pid);

        await server.KillAsync();
        Assert.Equal(0, server.Pid);
        await server.StartAgainAsync(Cancellation);
        Assert.Equal(42, await ExecuteAsync(server, "SELECT n FROM t"));
        await server.RestartAsync(Cancellation);

        Assert.Equal(42, await ExecuteAsync(server, "SELECT n FROM t"));
        Assert.Equal(port, server.Port);
        Assert.NotEqual(pid, server.Pid);
    }

    [Fact]
    public async Task Is_durable_and_unicode_and_wants_a_password()
    {
        var server = await Poc.Testing.Servers.PostgresAsync();
        await using var connection = new NpgsqlConnection(server.ConnectionStringOf("postgres"));
        await connection.OpenAsync(Cancellation);
        foreach (var (setting, expected) in (ReadOnlySpan<(string, string)>)[("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"),
            ("server_encoding", "UTF8"), ("password_encryption", "scram-sha-256"), ("listen_addresses", "127.0.0.1")])
        {
            using var show = new NpgsqlCommand($"SHOW {setting}", connection);
            Assert.Equal(expected, show.ExecuteScalar());
        }

        // In the C locale a Cyrillic word has no letters, and so no trigrams.
        await using var trigrams = new NpgsqlCommand("CREATE EXTENSION IF NOT EXISTS pg_trgm; SELECT array_length(show_trgm('узник совести'), 1)", connection);
        Assert.True((int)(await trigrams.ExecuteScalarAsync(Cancellation))! > 5);

        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionStringOf("postgres")) { Password = "wrong" };
        await using var refused = new NpgsqlConnection(wrong.ConnectionString);
        var failure = await Assert.ThrowsAsync<PostgresException>(() => refused.OpenAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, failure.SqlState);
    }

    private static async Task<object?> ExecuteAsync(PostgresServer server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionStringOf("kept") + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
