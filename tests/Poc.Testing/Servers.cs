using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Servers;
using Xunit;

namespace Poc.Testing;

/// <summary>
/// Real servers for the tests of this process: one of each kind, started when first asked for, in a folder of its own under the temporary folder.
/// They end with the process, however it ends, and the folder goes with them. Where a server is missing, it is installed if that is possible
/// without a question (root on a Debian-like system); otherwise the test is skipped on a laptop and fails where <c>CI=true</c>.
/// </summary>
public static class Servers
{
    private static readonly Lazy<string> OwnFolder = new(() =>
    {
        var path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"poc-tests-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}"));
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            // An unprivileged server's own folder lies below.
            File.SetUnixFileMode(path, (UnixFileMode)0b111_001_001);
        }

        return path;
    });

    private static readonly Lazy<ProcessLedger> Ledger = new(() => ProcessLedger.Open(Path.Combine(OwnFolder.Value, "processes"), TimeSpan.Zero, OwnFolder.Value));
    private static readonly Lazy<Task<PostgresServer>> Postgres = new(() => StartAsync("postgresql", "postgres", PostgresServer.StartAsync));
    private static readonly Lazy<Task<RabbitMqServer>> RabbitMq = new(() => StartAsync("rabbitmq-server", "rabbitmq", RabbitMqServer.StartAsync));
    private static readonly Lazy<Task<RedisServer>> Redis = new(() => StartAsync(null, "redis", RedisServer.StartAsync));
    private static int _databases;

    /// <summary>A folder of this test process under the temporary folder, removed when it ends. Anybody may pass through it, nobody else may look into it.</summary>
    public static string Folder
    {
        get
        {
            _ = Ledger.Value; // Its guard removes the folder.
            return OwnFolder.Value;
        }
    }

    /// <summary>The test process's ledger: what is started with it ends with the process.</summary>
    public static ProcessLedger Processes => Ledger.Value;

    /// <summary>The PostgreSQL server of this test process.</summary>
    public static Task<PostgresServer> PostgresAsync() => OrSkipAsync(Postgres);

    /// <summary>The RabbitMQ server of this test process.</summary>
    public static Task<RabbitMqServer> RabbitMqAsync() => OrSkipAsync(RabbitMq);

    /// <summary>
    /// A connection string of a bus of the caller's own: a new virtual host on the test process's RabbitMQ. Two databases of one service must not share one: each would take messages that are
    /// meant for the other.
    /// </summary>
    public static async Task<string> NewBusAsync()
    {
        var server = await RabbitMqAsync();
        var name = $"test-{Guid.CreateVersion7():N}";
        using var management = new HttpClient();
        management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(new Uri(server.ConnectionString).UserInfo))));
        // The management plugin answers a little later than the broker.
        await Eventually.BecomesTrueAsync(async () =>
        {
            using var answer = await management.PutAsync($"http://127.0.0.1:{server.ManagementPort}/api/vhosts/{name}", content: null);
            return answer.IsSuccessStatusCode;
        });
        return $"{server.ConnectionString}/{name}";
    }

    /// <summary>The Redis-protocol server of this test process.</summary>
    public static Task<RedisServer> RedisAsync() => OrSkipAsync(Redis);

    /// <summary>A connection string of a database that was created for this call and is empty.</summary>
    /// <param name="stem">What its name begins with.</param>
    public static async Task<string> NewDatabaseAsync(string stem = "test")
    {
        var server = await PostgresAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"{stem}_{Interlocked.Increment(ref _databases)}");
        await server.EnsureDatabaseAsync(name);
        return server.ConnectionStringOf(name);
    }

    /// <summary>Makes sure that servers of the machine are installed, for a test that starts its own.</summary>
    /// <param name="packages">Of <c>postgresql</c> and <c>rabbitmq-server</c>, those that are needed.</param>
    public static async Task RequireAsync(params string[] packages)
    {
        try
        {
            await InstallAsync(packages);
        }
        catch (MissingServerException missing)
        {
            Lacking(missing.Message);
        }
    }

    /// <summary>Options for another server of the test's own, in a new folder of this process.</summary>
    public static ServerOptions NewOptions(string stem) =>
        new(Path.Combine(Folder, $"{stem}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}"), NewPassword()) { Ledger = Ledger.Value };

    /// <summary>Fails where <c>CI=true</c> and skips the test elsewhere, because this machine lacks what it needs.</summary>
    public static void Lacking(string reason)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }

    private static string NewPassword() => RandomNumberGenerator.GetHexString(24, lowercase: true);

    private static async Task<T> StartAsync<T>(string? package, string folder, Func<ServerOptions, CancellationToken, Task<T>> start)
    {
        await InstallAsync(package is null ? [] : [package]);
        return await start(new(Path.Combine(OwnFolder.Value, folder), NewPassword()) { Ledger = Ledger.Value, Patience = TimeSpan.FromSeconds(120) }, CancellationToken.None);
    }

    private static async Task InstallAsync(IReadOnlyCollection<string> packages)
    {
        try
        {
            await Installer.EnsureAsync(packages, line => Console.Error.WriteLine(line), CancellationToken.None);
        }
        catch (InvalidOperationException missing)
        {
            throw new MissingServerException(missing.Message);
        }
    }

    private static async Task<T> OrSkipAsync<T>(Lazy<Task<T>> server)
    {
        try
        {
            return await server.Value;
        }
        catch (MissingServerException missing)
        {
            Lacking(missing.Message);
            throw;
        }
    }

    private sealed class MissingServerException(string message) : Exception(message);
}
