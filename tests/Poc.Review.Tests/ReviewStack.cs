using System.Security.Cryptography;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Poc.Contracts.Review.V1;
using Poc.LocalHost.Processes;
using Poc.Testing;

[assembly: AssemblyFixture(typeof(Poc.Review.Tests.ReviewStack))]

namespace Poc.Review.Tests;

/// <summary>
/// Review on a Kestrel of its own, with real servers and a real archive behind it, for all tests that do not break anything. Each test brings its own subject.
/// </summary>
public sealed class ReviewStack : IAsyncDisposable
{
    private static readonly KeyPair OwnKey = new();
    private static readonly string SealKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly Lazy<Task<Running>> _running = new(StartAsync);

    internal Task<Running> RunningAsync() => _running.Value;

    /// <summary>A replica of the same Review that looks for the archive elsewhere.</summary>
    internal Task<(WebApplication App, string Address)> ReplicaAsync(string archive) => ReplicaAsync(("services:archive:grpc:0", archive));

    /// <summary>A replica of the same Review with other settings.</summary>
    internal async Task<(WebApplication App, string Address)> ReplicaAsync(params (string Name, string Value)[] settings)
    {
        var running = await RunningAsync();
        return await StartReviewAsync(running.Database, running.Archive.Address, running.Intake.Address, (await Servers.RabbitMqAsync()).ConnectionString, running.Redis, settings);
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _running.Value).DisposeAsync();
        }
    }

    private static async Task<Running> StartAsync()
    {
        var bus = (await Servers.RabbitMqAsync()).ConnectionString;
        var redis = (await Servers.RedisAsync()).ConnectionString;
        var database = await TestDatabase.CreateAsync("reviewdb");
        var archive = await ArchiveProcess.StartAsync(bus, Staff.Key.Public, OwnKey.Public);
        var intake = await AnsweringIntake.StartAsync(OwnKey.Public);
        var bystander = await Bystander.StartAsync(bus);
        var (app, address) = await StartReviewAsync(database, archive.Address, intake.Address, bus, redis);
        // What is said before its queues exist is not delivered to it.
        await app.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
        return new Running(app, address, database, archive, intake, bystander, redis);
    }

    private static async Task<(WebApplication App, string Address)> StartReviewAsync(TestDatabase database, string archive, string intake, string bus, string redis,
        params (string Name, string Value)[] others)
    {
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        (string Name, string Value)[] settings =
        [
            ("environment", "Development"),
            ("ServiceIdentity:Name", "review"),
            ("Kestrel:Endpoints:grpc:Url", address),
            ("Kestrel:Endpoints:grpc:Protocols", "Http2"),
            ("Kestrel:Endpoints:web:Url", $"http://127.0.0.1:{LoopbackPorts.Take()}"),
            ("ConnectionStrings:reviewdb", database.ConnectionString),
            ("ConnectionStrings:bus", bus),
            ("ConnectionStrings:redis", redis),
            ("Staff:DevelopmentKey", Staff.Key.Public),
            ("ServiceIdentity:PrivateKey", OwnKey.Private),
            ("services:archive:grpc:0", archive),
            ("services:intake:grpc:0", intake),
            ("Review:SealKeys:CurrentKey", "test"),
            ("Review:SealKeys:Keys:test", SealKey),
            ("Review:IntakeRetry", "00:00:00.200"),
            ("Logging:LogLevel:Default", "Warning"),
        ];
        var app = await ReviewHost.BuildAsync([.. settings.Concat(others).Select(static setting => $"--{setting.Name}={setting.Value}")]);
        await app.StartAsync();
        return (app, address);
    }
}

/// <summary>A stack that runs.</summary>
internal sealed record Running(WebApplication App, string Address, TestDatabase Database, ArchiveProcess Archive, AnsweringIntake Intake, Bystander Others,
    string Redis) : IAsyncDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(Address,
        new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });

    public ReviewService.ReviewServiceClient Client => field ??= new(_channel);

    public RegisterService.RegisterServiceClient Register => field ??= new(_channel);

    /// <summary>A part of the running service.</summary>
    public T Service<T>() where T : notnull => App.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        await Others.DisposeAsync();
        await Intake.DisposeAsync();
        await Archive.DisposeAsync();
        await Database.DisposeAsync();
    }
}
