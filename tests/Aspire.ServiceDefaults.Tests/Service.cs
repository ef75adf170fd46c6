using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.ServiceDefaults.Tests;

/// <summary>A service with the defaults and the two endpoints that every service has.</summary>
public sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Service(WebApplication app, int webPort, int grpcPort)
    {
        _app = app;
        (WebPort, GrpcPort) = (webPort, grpcPort);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{webPort}") };
    }

    public HttpClient Http { get; }

    public int WebPort { get; }

    public int GrpcPort { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<Service> StartAsync(Action<WebApplicationBuilder>? configure = null, string environment = "Production", IReadOnlyDictionary<string, string?>? settings = null)
    {
        var (web, grpc) = (FreePort(), FreePort());
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kestrel:Endpoints:web:Url"] = $"http://127.0.0.1:{web}",
            ["Kestrel:Endpoints:web:Protocols"] = "Http1",
            ["Kestrel:Endpoints:grpc:Url"] = $"http://127.0.0.1:{grpc}",
            ["Kestrel:Endpoints:grpc:Protocols"] = "Http2",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGet("/hello", static (HttpContext call, ILoggerFactory loggers) =>
        {
            loggers.CreateLogger("hello").LogInformation("hello was said");
            return call.Request.Protocol;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Service(app, web, grpc);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The state of each check as <c>/health</c> tells it, and its status code.</summary>
    public async Task<(HttpStatusCode Code, string Body)> AskAsync(string path)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
