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

namespace Poc.Hammer;

/// <summary>PostgreSQL, RabbitMQ and the archive as a process, of this run's own. All of it ends with the run, and its folder goes too.</summary>
internal sealed class ArchiveStack : IAsyncDisposable
{
    /// <summary>The archive's database.</summary>
    public const string Database = "archivedb";

    private const string Keys = "archivekeys";
    private readonly ProcessLedger _ledger;
    private readonly List<LocalServer> _servers;
    private readonly ChildProcess _archive;
    private readonly ECDsa _staff;

    private ArchiveStack(ProcessLedger ledger, List<LocalServer> servers, ChildProcess archive, ECDsa staff, PostgresServer postgres, string grpc, string web) =>
        (_ledger, _servers, _archive, _staff, Postgres, Address, WebAddress) = (ledger, servers, archive, staff, postgres, grpc, web);

    public PostgresServer Postgres { get; }

    /// <summary>The archive's gRPC endpoint.</summary>
    public string Address { get; }

    /// <summary>Its tiles.</summary>
    public string WebAddress { get; }

    /// <summary>Folder of the run, on the disk that the database is on.</summary>
    public static string Folder { get; } = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"poc-hammer-{Environment.ProcessId}"));

    /// <summary>A token of a member of staff.</summary>
    public string Token(string role) => DevelopmentTokens.Mint(Convert.ToBase64String(_staff.ExportPkcs8PrivateKey()), "hammer", [role], TimeSpan.FromHours(2), TimeProvider.System);

    public static async Task<ArchiveStack> StartAsync(Action<string> say, CancellationToken cancellation)
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
            var (grpc, web) = ($"http://127.0.0.1:{LoopbackPorts.Take()}", $"http://127.0.0.1:{LoopbackPorts.Take()}");
            var archive = Start(ledger, postgres, rabbit, staff, grpc, web);
            await AnswersAsync(archive, grpc, cancellation);
            return new ArchiveStack(ledger, servers, archive, staff, postgres, grpc, web);
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
        await _archive.StopAsync(TimeSpan.FromSeconds(30));
        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }

        _ledger.Dispose();
        _staff.Dispose();
    }

    private static ChildProcess Start(ProcessLedger ledger, PostgresServer postgres, RabbitMqServer rabbit, ECDsa staff, string grpc, string web)
    {
        var program = typeof(ArchiveStack).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "ArchiveProgram").Value!;
        return ChildProcess.Start(
            new ChildProcessOptions("archive", Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet", [program])
            {
                WorkingFolder = Path.GetDirectoryName(program)!,
                LogFile = Path.Combine(Folder, "archive.log"),
                Environment = new Dictionary<string, string?>
                {
                    ["ASPNETCORE_ENVIRONMENT"] = "Development",
                    ["Kestrel__Endpoints__grpc__Url"] = grpc,
                    ["Kestrel__Endpoints__web__Url"] = web,
                    ["ConnectionStrings__archivedb"] = postgres.ConnectionStringOf(Database),
                    ["ConnectionStrings__archivekeys"] = postgres.ConnectionStringOf(Keys),
                    ["ConnectionStrings__bus"] = rabbit.ConnectionString,
                    ["KeyStore__CurrentKey"] = "bench",
                    ["KeyStore__Keys__bench"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
                    ["Log__PrivateKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
                    ["Staff__DevelopmentKey"] = Convert.ToBase64String(staff.ExportSubjectPublicKeyInfo()),
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = null,
                },
            },
            ledger);
    }

    private static async Task AnswersAsync(ChildProcess archive, string address, CancellationToken cancellation)
    {
        using var channel = GrpcChannel.ForAddress(address);
        var client = new StatementArchiveService.StatementArchiveServiceClient(channel);
        while (true)
        {
            if (archive.Exited.IsCompleted)
            {
                throw new InvalidOperationException($"The archive ended while starting:{Environment.NewLine}{string.Join(Environment.NewLine, archive.LastLines())}");
            }

            try
            {
                await client.GetCheckpointAsync(new GetCheckpointRequest(), cancellationToken: cancellation);
                return;
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
            }
        }
    }
}
