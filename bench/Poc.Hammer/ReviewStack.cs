using System.Reflection;
using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Servers;
using Poc.Migrator;
using Poc.Postgres;

namespace Poc.Hammer;

/// <summary>PostgreSQL, RabbitMQ, a Redis-protocol server and Review as a process, of this run's own. All of it ends with the run, and its folder goes too.</summary>
internal sealed class ReviewStack : IAsyncDisposable
{
    /// <summary>Review's database.</summary>
    public const string Database = "reviewdb";

    private readonly ProcessLedger _ledger;
    private readonly List<LocalServer> _servers;
    private readonly ChildProcess _review;
    private readonly ChildProcess _empty;
    private readonly ECDsa _staff;

    private ReviewStack(ProcessLedger ledger, List<LocalServer> servers, ChildProcess review, ChildProcess empty, ECDsa staff, PostgresServer postgres, string address, string emptyAddress) =>
        (_ledger, _servers, _review, _empty, _staff, Postgres, Address, EmptyAddress) = (ledger, servers, review, empty, staff, postgres, address, emptyAddress);

    public PostgresServer Postgres { get; }

    /// <summary>Review's gRPC endpoint.</summary>
    public string Address { get; }

    /// <summary>The gRPC endpoint of a host that does nothing (<see cref="EmptyHost"/>).</summary>
    public string EmptyAddress { get; }

    /// <summary>A token of a member of staff.</summary>
    public string Token(string role) => DevelopmentTokens.Mint(Convert.ToBase64String(_staff.ExportPkcs8PrivateKey()), "hammer", [role], TimeSpan.FromHours(2), TimeProvider.System);

    /// <summary>Starts the servers, has the database filled, and then Review.</summary>
    public static async Task<ReviewStack> StartAsync(Func<NpgsqlConnection, Task> fill, Action<string> say, CancellationToken cancellation)
    {
        await Installer.EnsureAsync(["postgresql", "rabbitmq-server"], say, cancellation);
        var folder = ArchiveStack.Folder;
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_001_001);
        }

        var ledger = ProcessLedger.Open(Path.Combine(folder, "processes"), TimeSpan.Zero, folder);
        try
        {
            ServerOptions Options(string name) => new(Path.Combine(folder, name), RandomNumberGenerator.GetHexString(24, lowercase: true)) { Ledger = ledger };
            say("starting PostgreSQL, RabbitMQ and Redis");
            var postgres = await PostgresServer.StartAsync(Options("postgres"), cancellation);
            var rabbit = await RabbitMqServer.StartAsync(Options("rabbitmq"), cancellation);
            var redis = await RedisServer.StartAsync(Options("redis"), cancellation);
            await PrivateStack.AgeAsync(postgres, cancellation);
            await postgres.EnsureDatabaseAsync(Database, cancellation);
            await Migrations.ApplyAsync(postgres.ConnectionStringOf(Database), ServiceDatabases.ScriptsOf(Database), NullLogger.Instance, cancellation);
            await using (var connection = new NpgsqlConnection(postgres.ConnectionStringOf(Database)))
            {
                await connection.OpenAsync(cancellation);
                await fill(connection);
            }

            say("starting Review");
            var staff = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var (address, emptyAddress) = ($"http://127.0.0.1:{LoopbackPorts.Take()}", $"http://127.0.0.1:{LoopbackPorts.Take()}");
            var review = Start(folder, ledger, address, new Dictionary<string, string?>
            {
                ["ConnectionStrings__reviewdb"] = postgres.ConnectionStringOf(Database),
                ["ConnectionStrings__bus"] = rabbit.ConnectionString,
                ["ConnectionStrings__redis"] = redis.ConnectionString,
                ["Staff__DevelopmentKey"] = Convert.ToBase64String(staff.ExportSubjectPublicKeyInfo()),
            });
            await AnswersAsync(review, address, cancellation);
            var empty = StartEmpty(folder, ledger, emptyAddress, staff);
            await AnswersAsync(empty, emptyAddress, cancellation);
            return new ReviewStack(ledger, [postgres, rabbit, redis], review, empty, staff, postgres, address, emptyAddress);
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _empty.StopAsync(TimeSpan.FromSeconds(30));
        await _review.StopAsync(TimeSpan.FromSeconds(30));
        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }

        _ledger.Dispose();
        _staff.Dispose();
    }

    private static ChildProcess Start(string folder, ProcessLedger ledger, string address, Dictionary<string, string?> settings)
    {
        using var identity = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var program = typeof(ReviewStack).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "ReviewProgram").Value!;
        return ChildProcess.Start(
            new ChildProcessOptions("review", Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet", [program])
            {
                WorkingFolder = Path.GetDirectoryName(program)!,
                LogFile = Path.Combine(folder, "review.log"),
                Environment = new Dictionary<string, string?>(settings)
                {
                    ["ASPNETCORE_ENVIRONMENT"] = "Development",
                    ["Kestrel__Endpoints__grpc__Url"] = address,
                    ["Kestrel__Endpoints__web__Url"] = $"http://127.0.0.1:{LoopbackPorts.Take()}",
                    ["ServiceIdentity__PrivateKey"] = Convert.ToBase64String(identity.ExportPkcs8PrivateKey()),
                    ["Review__SealKeys__CurrentKey"] = "bench",
                    ["Review__SealKeys__Keys__bench"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
                    // Nobody is there: what this run does asks neither.
                    ["services__archive__grpc__0"] = $"http://127.0.0.1:{LoopbackPorts.Take()}",
                    ["services__intake__grpc__0"] = $"http://127.0.0.1:{LoopbackPorts.Take()}",
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = null,
                },
            },
            ledger);
    }

    private static ChildProcess StartEmpty(string folder, ProcessLedger ledger, string address, ECDsa staff)
    {
        using var identity = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var program = typeof(ReviewStack).Assembly.Location;
        return ChildProcess.Start(
            new ChildProcessOptions("empty", "dotnet", [program, EmptyHost.Command, address])
            {
                WorkingFolder = Path.GetDirectoryName(program)!,
                LogFile = Path.Combine(folder, "empty.log"),
                Environment = new Dictionary<string, string?>
                {
                    ["ASPNETCORE_ENVIRONMENT"] = "Development",
                    ["ServiceIdentity__PrivateKey"] = Convert.ToBase64String(identity.ExportPkcs8PrivateKey()),
                    ["Staff__DevelopmentKey"] = Convert.ToBase64String(staff.ExportSubjectPublicKeyInfo()),
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = null,
                },
            },
            ledger);
    }

    private static async Task AnswersAsync(ChildProcess review, string address, CancellationToken cancellation)
    {
        using var channel = GrpcChannel.ForAddress(address);
        var client = new RegisterService.RegisterServiceClient(channel);
        while (true)
        {
            if (review.Exited.IsCompleted)
            {
                throw new InvalidOperationException($"The host ended while starting:{Environment.NewLine}{string.Join(Environment.NewLine, review.LastLines())}");
            }

            try
            {
                await client.ListRegisterEntriesAsync(new ListRegisterEntriesRequest { PageSize = 1 }, cancellationToken: cancellation);
                return;
            }
            catch (RpcException refused) when (refused.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
            }
        }
    }
}
