using System.Globalization;
using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Npgsql;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.StatementArchive.Tests;

/// <summary>The service as it is shipped: a process of its own, on a database of its own, spoken to over gRPC.</summary>
public sealed class ArchiveService : IAsyncDisposable
{
    private static readonly ECDsa _staffKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa _reviewKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa _intakeKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static int _instances;
    private readonly ChildProcessOptions _options;
    private ChildProcess _process;

    private ArchiveService(ChildProcessOptions options, string database, string grpc, string web)
    {
        (_options, DatabaseConnection, WebAddress) = (options, database, web);
        Channel = GrpcChannel.ForAddress(grpc, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });
        Client = new StatementArchiveService.StatementArchiveServiceClient(Channel.Intercept(new Deadlines()));
        _process = ChildProcess.Start(options, Servers.Processes);
    }

    public string DatabaseConnection { get; }

    public string WebAddress { get; }

    public GrpcChannel Channel { get; }

    /// <summary>Calls carry the credentials that are passed with them.</summary>
    public StatementArchiveService.StatementArchiveServiceClient Client { get; }

    public Task<int> Exited => _process.Exited;

    public string Output => File.ReadAllText(_options.LogFile);

    public static Metadata Archivist { get; } = Staff(Roles.Archivist);

    public static Metadata Reviewer { get; } = Staff(Roles.Reviewer);

    public static Metadata Auditor { get; } = Staff(Roles.Auditor);

    /// <summary>Another person than the others.</summary>
    public static Metadata Administrator { get; } = Person("grace", Roles.Administrator);

    // Made anew each time: services' tokens live for some minutes only, and a slow machine may take longer for all tests.
    public static Metadata Review => Bearer(
        new ServiceTokens("review", Convert.ToBase64String(_reviewKey.ExportPkcs8PrivateKey()), TimeProvider.System).For("archive"));

    public static Metadata Staff(params string[] roles)
        => Person("ada", roles);

    public static Metadata Person(string name, params string[] roles)
        => Bearer(DevelopmentTokens.Mint(Convert.ToBase64String(_staffKey.ExportPkcs8PrivateKey()), name, roles, TimeSpan.FromHours(1), TimeProvider.System));

    public static Metadata Intake => Bearer(
        new ServiceTokens("intake", Convert.ToBase64String(_intakeKey.ExportPkcs8PrivateKey()), TimeProvider.System).For("archive"));

    /// <summary>Starts a process; it need not be ready yet.</summary>
    public static ArchiveService Launch(string database, string bus = "amqp://guest:guest@127.0.0.1:1", IReadOnlyDictionary<string, string?>? settings = null)
    {
        var assembly = typeof(StatementArchiveGrpc).Assembly.Location;
        var (grpc, web) = (Url(), Url());
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["Kestrel__Endpoints__grpc__Url"] = grpc,
            ["Kestrel__Endpoints__web__Url"] = web,
            ["ConnectionStrings__archivedb"] = database,
            ["ConnectionStrings__archivekeys"] = TestKeys.ConnectionString,
            ["KeyStore__CurrentKey"] = TestKeys.MasterKey,
            [$"KeyStore__Keys__{TestKeys.MasterKey}"] = Convert.ToBase64String(TestKeys.Master),
            ["ConnectionStrings__bus"] = bus,
            ["Staff__DevelopmentKey"] = Convert.ToBase64String(_staffKey.ExportSubjectPublicKeyInfo()),
            ["ServiceIdentity__Trusted__review"] = Convert.ToBase64String(_reviewKey.ExportSubjectPublicKeyInfo()),
            ["ServiceIdentity__Trusted__intake"] = Convert.ToBase64String(_intakeKey.ExportSubjectPublicKeyInfo()),
            ["Log__PrivateKey"] = Convert.ToBase64String(new byte[32]),
            ["Log__CheckpointIntervalMs"] = "50",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string?>())
        {
            environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var number = Interlocked.Increment(ref _instances);
        return new ArchiveService(
            new ChildProcessOptions($"archive-{number}", "dotnet", [assembly])
            {
                WorkingFolder = Path.GetDirectoryName(assembly)!,
                LogFile = Path.Combine(Servers.Folder, string.Create(CultureInfo.InvariantCulture, $"archive-{number}.log")),
                Environment = environment,
            },
            database, grpc, web);

        static string Url() => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPorts.Take()}");
    }

    /// <summary>Starts a process and waits until it signs its log.</summary>
    public static async Task<ArchiveService> StartAsync(
        string database, string bus = "amqp://guest:guest@127.0.0.1:1", IReadOnlyDictionary<string, string?>? settings = null)
    {
        var service = Launch(database, bus, settings);
        await service.AnswersAsync();
        return service;
    }

    /// <summary>Waits until it answers with a checkpoint.</summary>
    public async Task AnswersAsync()
    {
        try
        {
            await Eventually.BecomesTrueAsync(async () =>
            {
                Assert.False(Exited.IsCompleted, "The process has ended.");
                return (await Client.GetCheckpointAsync(new GetCheckpointRequest())).Checkpoint.Length > 0;
            }, TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException(string.Join('\n', _process.LastLines(40)), late);
        }
    }

    /// <summary>Waits until the search has looked at all that is recorded by now.</summary>
    public async Task FollowedAsync()
    {
        await using var source = NpgsqlDataSource.Create(DatabaseConnection);
        var size = await NumberAsync("SELECT size FROM log_head");
        await Eventually.BecomesTrueAsync(async () => await NumberAsync("SELECT next_index FROM search_progress") >= size, TimeSpan.FromSeconds(60));

        async Task<long> NumberAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    /// <summary>Searches what is recorded by now.</summary>
    public async Task<SearchStatementsResponse> SearchAsync(SearchStatementsRequest request, Metadata? who = null)
    {
        await FollowedAsync();
        return await Client.SearchStatementsAsync(request, who ?? Reviewer);
    }

    /// <summary>Ends the process as a crash would.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts it again where it was.</summary>
    public async Task StartAgainAsync()
    {
        _process = ChildProcess.Start(_options, Servers.Processes);
        await AnswersAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _process.StopAsync(TimeSpan.FromSeconds(30));
    }

    // A call that hangs fails its test instead of stopping it.
    private sealed class Deadlines : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
            => continuation(request, new ClientInterceptorContext<TRequest, TResponse>(
                context.Method, context.Host, context.Options.WithDeadline(TimeProvider.System.GetUtcNow().AddSeconds(30).UtcDateTime)));
    }

    private static Metadata Bearer(string token) => new() { { "authorization", $"Bearer {token}" } };
}
