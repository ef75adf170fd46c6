using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Servers;
using Poc.Migrator;
using Poc.Postgres;

namespace Poc.Hammer;

/// <summary>Servers of this run's own, and Intake as a process against them. All of it ends with the run, and its folder goes too.</summary>
internal sealed class PrivateStack : IAsyncDisposable
{
    /// <summary>Partners that submit, so that none comes near its quota and no single key or row is special.</summary>
    public const int Partners = 16;

    private static readonly IdSource Ids = new(TimeProvider.System);
    private readonly ProcessLedger _ledger;
    private readonly List<LocalServer> _servers;
    private readonly ChildProcess _intake;

    private PrivateStack(ProcessLedger ledger, List<LocalServer> servers, ChildProcess intake, PostgresServer postgres, RabbitMqServer rabbit, RedisServer redis, string address, IReadOnlyList<string> apiKeys) =>
        (_ledger, _servers, _intake, Postgres, Rabbit, Redis, Address, ApiKeys) = (ledger, servers, intake, postgres, rabbit, redis, address, apiKeys);

    public PostgresServer Postgres { get; }

    public RabbitMqServer Rabbit { get; }

    public RedisServer Redis { get; }

    /// <summary>Intake's gRPC endpoint.</summary>
    public string Address { get; }

    /// <summary>One for each partner.</summary>
    public IReadOnlyList<string> ApiKeys { get; }

    public int IntakePid => _intake.Identity.Pid;

    public static async Task<PrivateStack> StartAsync(Action<string> say, CancellationToken cancellation)
    {
        await Installer.EnsureAsync(["postgresql", "rabbitmq-server"], say, cancellation);
        var folder = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"poc-hammer-{Environment.ProcessId}"));
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            // PostgreSQL's own folder lies below, and runs as another user where this one is root.
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_001_001);
        }

        var ledger = ProcessLedger.Open(Path.Combine(folder, "processes"), TimeSpan.Zero, folder);
        var servers = new List<LocalServer>();
        try
        {
            ServerOptions Options(string name) => new(Path.Combine(folder, name), RandomNumberGenerator.GetHexString(24, lowercase: true)) { Ledger = ledger };
            say("starting PostgreSQL, RabbitMQ and Redis");
            var postgres = await PostgresServer.StartAsync(Options("postgres"), cancellation);
            servers.Add(postgres);
            var rabbit = await RabbitMqServer.StartAsync(Options("rabbitmq"), cancellation);
            servers.Add(rabbit);
            var redis = await RedisServer.StartAsync(Options("redis"), cancellation);
            servers.Add(redis);
            await AgeAsync(postgres, cancellation);
            foreach (var database in (string[])["intakedb", PgBench.Database])
            {
                await postgres.EnsureDatabaseAsync(database, cancellation);
                await Migrations.ApplyAsync(postgres.ConnectionStringOf(database), ServiceDatabases.ScriptsOf("intakedb"), NullLogger.Instance, cancellation);
            }

            say("starting Intake");
            using var staff = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var (intake, address) = await StartIntakeAsync(folder, ledger, postgres, rabbit, redis, staff, cancellation);
            var keys = await RegisterPartnersAsync(address, Convert.ToBase64String(staff.ExportPkcs8PrivateKey()), cancellation);
            return new PrivateStack(ledger, servers, intake, postgres, rabbit, redis, address, keys);
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>A number from Intake's database.</summary>
    public async Task<long> CountAsync(string sql, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(Postgres.ConnectionStringOf("intakedb"));
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until the relay has published everything, so that it does not run during the other side's turn.</summary>
    public async Task WaitUntilPublishedAsync(CancellationToken cancellation)
    {
        while (await CountAsync("SELECT count(*) FROM outbox", cancellation) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
        }
    }

    /// <summary>Requests that are stored and not yet counted among campaigns.</summary>
    public Task<long> UncountedAsync(CancellationToken cancellation) => CountAsync("SELECT (SELECT count(*) FROM requests) - (SELECT count(*) FROM fingerprints)", cancellation);

    /// <summary>Waits until every stored request is counted among campaigns.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> WaitUntilCountedAsync(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        while (await UncountedAsync(cancellation) > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation); // the question is not free either
        }

        return Stopwatch.GetElapsedTime(start);
    }

    public async ValueTask DisposeAsync()
    {
        await _intake.StopAsync(TimeSpan.FromSeconds(30));
        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }

        _ledger.Dispose();
    }

    // As a server is that has run for a while: it has log segments to use again. One that has just been made fills each new one with zeros, while all who commit wait.
    public static async Task AgeAsync(PostgresServer postgres, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionStringOf("postgres"));
        await connection.OpenAsync(cancellation);
        for (var segment = 0; segment < 100; segment++)
        {
            await ExecuteAsync("SELECT pg_logical_emit_message(false, 'poc', '')");
            await ExecuteAsync("SELECT pg_switch_wal()");
        }

        await ExecuteAsync("CHECKPOINT");

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static async Task<(ChildProcess Intake, string Address)> StartIntakeAsync(
        string folder, ProcessLedger ledger, PostgresServer postgres, RabbitMqServer rabbit, RedisServer redis, ECDsa staff, CancellationToken cancellation)
    {
        var program = typeof(PrivateStack).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "IntakeProgram").Value!;
        var grpc = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        var web = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        using var identity = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var intake = ChildProcess.Start(
            new ChildProcessOptions("intake", Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet", [program])
            {
                LogFile = Path.Combine(folder, "intake.log"),
                Environment = new Dictionary<string, string?>
                {
                    ["ASPNETCORE_ENVIRONMENT"] = "Development",
                    ["Kestrel__Endpoints__grpc__Url"] = grpc,
                    ["Kestrel__Endpoints__web__Url"] = web,
                    ["ConnectionStrings__intakedb"] = postgres.ConnectionStringOf("intakedb"),
                    ["ConnectionStrings__bus"] = rabbit.ConnectionString,
                    ["ConnectionStrings__redis"] = redis.ConnectionString,
                    ["Staff__DevelopmentKey"] = Convert.ToBase64String(staff.ExportSubjectPublicKeyInfo()),
                    ["ServiceIdentity__PrivateKey"] = Convert.ToBase64String(identity.ExportPkcs8PrivateKey()),
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = null,
                },
            },
            ledger);
        using var probe = new HttpClient();
        while (true)
        {
            if (intake.Exited.IsCompleted)
            {
                throw new InvalidOperationException($"Intake ended while starting:{Environment.NewLine}{string.Join(Environment.NewLine, intake.LastLines())}");
            }

            try
            {
                using var answer = await probe.GetAsync($"{web}/health", cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return (intake, grpc);
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }
    }

    private static async Task<IReadOnlyList<string>> RegisterPartnersAsync(string address, string staffKey, CancellationToken cancellation)
    {
        using var channel = GrpcChannel.ForAddress(address);
        var admin = new PartnerAdminService.PartnerAdminServiceClient(channel);
        var token = new Metadata { { "authorization", $"Bearer {DevelopmentTokens.Mint(staffKey, "hammer", [Roles.Administrator], TimeSpan.FromMinutes(10), TimeProvider.System)}" } };
        var keys = new List<string>();
        for (var i = 0; i < Partners; i++)
        {
            var secret = RandomNumberGenerator.GetBytes(32);
            var id = string.Create(CultureInfo.InvariantCulture, $"hammer{i:00}");
            await admin.CreatePartnerAsync(
                new CreatePartnerRequest { RequestId = Ids.Next().ToString(), PartnerId = id, Partner = new Partner { DisplayName = id, Kind = Partner.Types.Kind.Section } }, token, cancellationToken: cancellation);
            await admin.RegisterApiKeyAsync(
                new RegisterApiKeyRequest { RequestId = Ids.Next().ToString(), Parent = $"partners/{id}", ApiKeyId = id, SecretSha256 = Google.Protobuf.ByteString.CopyFrom(SHA256.HashData(secret)) },
                token, cancellationToken: cancellation);
            keys.Add($"poc_{id}_{System.Buffers.Text.Base64Url.EncodeToString(secret)}");
        }

        return keys;
    }
}
