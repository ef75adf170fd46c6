using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// What every service of the stack starts with. In the namespace of the host, as is usual for service defaults, so that Program.cs needs no import.
/// </summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Adds telemetry (<see cref="Telemetry"/>), health checks (<see cref="Health"/>), and service discovery for every HttpClient, so that
    /// <c>http://_grpc.archive</c> means the endpoint "grpc" of the service "archive" as configuration (<c>services:archive:grpc:0</c>) names it.
    /// </summary>
    /// <remarks>
    /// No HTTP resilience handler is added: it would send gRPC calls again, streams included. Retries belong to the gRPC client's own service configuration,
    /// which knows what was committed.
    /// </remarks>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        Telemetry.Add(builder);
        // It writes the text of every statement at Information, which is a line of log for each line of SQL that is run.
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        Health.Add(builder.Services);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(static http => http.AddServiceDiscovery());
        // Within the 30 s that orchestrators grant before they kill.
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(25));
        return builder;
    }

    /// <summary>Maps <c>/alive</c> and <c>/health</c> (<see cref="Health"/>), in every environment, on the <c>web</c> endpoint only.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        Health.Map(app);
        return app;
    }
}
