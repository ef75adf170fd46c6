using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Servers;
using Poc.Migrator;
using Poc.Postgres;
using Poc.StatementArchive.Keys;

namespace Poc.Hammer;

/// <summary>PostgreSQL, RabbitMQ and the archive as a process, of this run's own. All of it ends with the run, and its folder goes too.</summary>
internal sealed class ArchiveStack : IAsyncDisposable
{
    /// <summary>The archive's database.</summary>
    public const string Database = "archivedb";

    /// <summary>The database of its keys.</summary>
    public const string Keys = "archivekeys";

    private readonly ProcessLedger _ledger;
    private readonly List<LocalServer> _servers;
    private readonly ECDsa _staff;

    private ArchiveStack(
        ProcessLedger ledger, List<LocalServer> servers, IReadOnlyList<ArchiveReplica> replicas, ECDsa staff, PostgresServer postgres, KeyStoreOptions keyStore) =>
        (_ledger, _servers, Replicas, _staff, Postgres, KeyStore) = (ledger, servers, replicas, staff, postgres, keyStore);

    public PostgresServer Postgres { get; }

    /// <summary>Its master key.</summary>
    public KeyStoreOptions KeyStore { get; }

    /// <summary>The archive's processes, on one database.</summary>
    public IReadOnlyList<ArchiveReplica> Replicas { get; }

    /// <summary>The first replica's gRPC endpoint.</summary>
    public string Address => Replicas[0].Address;

    /// <summary>Its tiles.</summary>
    public string WebAddress => Replicas[0].WebAddress;

    /// <summary>Folder of the run, on the disk that the database is on.</summary>
    public static string Folder { get; } = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"poc-hammer-{Environment.ProcessId}"));

    /// <summary>A token of a member of staff.</summary>
    public string Token(string role) => DevelopmentTokens.Mint(Convert.ToBase64String(_staff.ExportPkcs8PrivateKey()), "hammer", [role], TimeSpan.FromHours(2), TimeProvider.System);

    public static async Task<ArchiveStack> StartAsync(Action<string> say, CancellationToken cancellation, int replicas = 1)
    {
        await Installer.EnsureAsync(["postgresql", "rabbitmq-server"], say, cancellation);
        Directory.CreateDirectory(Folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Folder, (UnixFileMode)0b111_001_001);
        }

        var ledger = ProcessLedger.Open(Path.Combine(Folder, "processes"), TimeSpan.Zero, Folder);
        var servers = new List<LocalServer>();
        try
        {
            ServerOptions Options(string name) => new(Path.Combine(Folder, name), RandomNumberGenerator.GetHexString(24, lowercase: true)) { Ledger = ledger };
            say("starting PostgreSQL and RabbitMQ");
            var postgres = await PostgresServer.StartAsync(Options("postgres"), cancellation);
            servers.Add(postgres);
            var rabbit = await RabbitMqServer.StartAsync(Options("rabbitmq"), cancellation);
            servers.Add(rabbit);
            await PrivateStack.AgeAsync(postgres, cancellation);
            foreach (var (name, scripts) in ((string, string)[])[(Keys, Keys), (Database, Database), (PgBench.Database, Database)])
            {
                await postgres.EnsureDatabaseAsync(name, cancellation);
                await Migrations.ApplyAsync(postgres.ConnectionStringOf(name), ServiceDatabases.ScriptsOf(scripts), NullLogger.Instance, cancellation);
            }

            say("starting the archive");
            var staff = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var master = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
            var settings = Settings(postgres, rabbit, staff, master);
            var archives = Enumerable.Range(1, replicas).Select(number => new ArchiveReplica(number, ledger, settings)).ToList();
            foreach (var archive in archives)
            {
                await archive.AnswersAsync(cancellation);
            }

            return new ArchiveStack(ledger, servers, archives, staff, postgres, new KeyStoreOptions { CurrentKey = "bench", Keys = { ["bench"] = master } });
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements, each by itself, in a database.</summary>
    public async Task ExecuteAsync(string database, CancellationToken cancellation, params string[] statements)
    {
        await using var connection = new NpgsqlConnection(Postgres.ConnectionStringOf(database));
        await connection.OpenAsync(cancellation);
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 3_600 };
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>A number from the archive's database.</summary>
    public async Task<double> NumberAsync(string sql, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(Postgres.ConnectionStringOf(Database));
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 3_600 };
        return Convert.ToDouble(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in Replicas)
        {
            await replica.StopAsync();
        }

        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }

        _ledger.Dispose();
        _staff.Dispose();
    }

    private static Dictionary<string, string?> Settings(PostgresServer postgres, RabbitMqServer rabbit, ECDsa staff, string master) => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["ConnectionStrings__archivedb"] = postgres.ConnectionStringOf(Database),
        ["ConnectionStrings__archivekeys"] = postgres.ConnectionStringOf(Keys),
        ["ConnectionStrings__bus"] = rabbit.ConnectionString,
        ["KeyStore__CurrentKey"] = "bench",
        ["KeyStore__Keys__bench"] = master,
        ["Log__PrivateKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        ["Log__AuditItemsPerSecond"] = "100000",
        ["Staff__DevelopmentKey"] = Convert.ToBase64String(staff.ExportSubjectPublicKeyInfo()),
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = null,
    };
}

/// <summary>One process of the archive.</summary>
internal sealed class ArchiveReplica
{
    private readonly ChildProcessOptions _options;
    private readonly ProcessLedger _ledger;
    private ChildProcess _process;

    public ArchiveReplica(int number, ProcessLedger ledger, IReadOnlyDictionary<string, string?> settings)
    {
        var program = typeof(ArchiveStack).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "ArchiveProgram").Value!;
        (Address, WebAddress) = ($"http://127.0.0.1:{LoopbackPorts.Take()}", $"http://127.0.0.1:{LoopbackPorts.Take()}");
        var name = string.Create(CultureInfo.InvariantCulture, $"archive-{number}");
        _options = new ChildProcessOptions(name, Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet", [program])
        {
            WorkingFolder = Path.GetDirectoryName(program)!,
            LogFile = Path.Combine(ArchiveStack.Folder, $"{name}.log"),
            Environment = new Dictionary<string, string?>(settings)
            {
                ["Kestrel__Endpoints__grpc__Url"] = Address,
                ["Kestrel__Endpoints__web__Url"] = WebAddress,
            },
        };
        _ledger = ledger;
        _process = ChildProcess.Start(_options, ledger);
    }

    /// <summary>Its gRPC endpoint.</summary>
    public string Address { get; }

    /// <summary>Its tiles.</summary>
    public string WebAddress { get; }

    /// <summary>Waits until it answers with a checkpoint.</summary>
    /// <exception cref="InvalidOperationException">It ended.</exception>
    public async Task AnswersAsync(CancellationToken cancellation)
    {
        using var channel = GrpcChannel.ForAddress(Address);
        var client = new StatementArchiveService.StatementArchiveServiceClient(channel);
        while (true)
        {
            if (_process.Exited.IsCompleted)
            {
                throw new InvalidOperationException($"The archive ended while starting:{Environment.NewLine}{string.Join(Environment.NewLine, _process.LastLines())}");
            }

            try
            {
                await client.GetCheckpointAsync(new GetCheckpointRequest(), cancellationToken: cancellation);
                return;
            }
            catch (RpcException refused) when (refused.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
            }
        }
    }

    /// <summary>Ends it as a crash would, and starts it again; it need not answer yet.</summary>
    public async Task CrashAsync()
    {
        await _process.KillAsync();
        _process = ChildProcess.Start(_options, _ledger);
    }

    public Task StopAsync() => _process.StopAsync(TimeSpan.FromSeconds(30));
}
