using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Poc.Grpc.Tests;

/// <summary>The probe service on a real Kestrel, HTTP/2 without TLS on a free loopback port.</summary>
public sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Server(WebApplication app, ServerLog log)
    {
        _app = app;
        Log = log;
        Address = app.Urls.Single();
        Channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { MaxSendMessageSize = null, MaxReceiveMessageSize = null });
        Probe = new ProbeService.ProbeServiceClient(Channel);
    }

    public static KeyPair StaffKey { get; } = new();

    public static KeyPair ReviewKey { get; } = new();

    public string Address { get; }

    public GrpcChannel Channel { get; }

    public ProbeService.ProbeServiceClient Probe { get; }

    public ProbeState State => _app.Services.GetRequiredService<ProbeState>();

    public ServerLog Log { get; }

    public static async Task<Server> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? configure = null, string environment = "Development", Action<WebApplication>? map = null)
    {
        var log = new ServerLog();
        var app = Build(settings, builder =>
        {
            builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
            configure?.Invoke(builder);
        }, environment);
        if (map is null)
        {
            app.MapPocGrpc<Probe>();
        }
        else
        {
            map(app);
        }

        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Server(app, log);
    }

    /// <summary>The application before it starts, for tests of what must stop its start.</summary>
    public static WebApplication Build(IReadOnlyDictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? configure = null, string environment = "Development")
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [environment == "Development" ? "Staff:DevelopmentKey" : "Staff:Authority"] = environment == "Development" ? StaffKey.Public : "https://staff.example",
            ["ServiceIdentity:Name"] = "probe",
            ["ServiceIdentity:Trusted:review"] = ReviewKey.Public,
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<ProbeState>();
        builder.AddPocAuthentication();
        builder.AddPocGrpc();
        configure?.Invoke(builder);
        return builder.Build();
    }

    public static Metadata Bearer(string token) => new() { { "authorization", "Bearer " + token } };

    public static Metadata Staff(params string[] roles) => Bearer(DevelopmentTokens.Mint(StaffKey.Private, "anna", roles, TimeSpan.FromMinutes(5), TimeProvider.System));

    public async ValueTask DisposeAsync()
    {
        State.Release.TrySetResult();
        Channel.Dispose();
        await _app.DisposeAsync();
        Log.Dispose();
    }
}

/// <summary>A P-256 key as configuration carries it.</summary>
public sealed class KeyPair
{
    public KeyPair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Private = Convert.ToBase64String(key.ExportPkcs8PrivateKey());
        Public = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    public string Private { get; }

    public string Public { get; }
}

/// <summary>Everything the server logged, exceptions included.</summary>
public sealed class ServerLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    public IEnumerable<string> Lines => _lines.Select(static line => line.Text);

    public IEnumerable<string> Errors => _lines.Where(static line => line.Level >= LogLevel.Error).Select(static line => line.Text);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, formatter(state, exception) + exception));

    public void Dispose()
    {
    }
}

/// <summary>Reads a refusal as a client would.</summary>
public static class Refusals
{
    public static ErrorInfo Info(this RpcException refusal)
    {
        var info = refusal.GetRpcStatus()?.GetDetail<ErrorInfo>();
        Assert.True(info is not null, $"{refusal.StatusCode} carries no ErrorInfo: {refusal.Status.Detail}");
        Assert.Equal("poc", info.Domain);
        return info;
    }

    public static async Task<RpcException> RefusedAsync(this Task call, StatusCode code, string reason)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal((code, reason), (refusal.StatusCode, refusal.Info().Reason));
        return refusal;
    }

    /// <summary>Writes, unless the server has ended the call already: what it says is then in the answer, not in the failed write.</summary>
    public static async Task TryWriteAsync<T>(this IClientStreamWriter<T> stream, T message)
    {
        try
        {
            await stream.WriteAsync(message, TestContext.Current.CancellationToken);
        }
        catch (Exception problem) when (problem is RpcException or InvalidOperationException)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"The call had ended before the message was written: {problem.Message}");
        }
    }

    public static Task<RpcException> RefusedAsync<T>(this AsyncUnaryCall<T> call, StatusCode code, string reason) => call.ResponseAsync.RefusedAsync(code, reason);
}
