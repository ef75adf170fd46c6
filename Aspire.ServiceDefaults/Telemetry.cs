using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Traces, metrics and logs by OpenTelemetry, sent over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; without it nothing leaves the process.
/// </summary>
/// <remarks>
/// Attributes carry ids and names of operations. The instrumentations used record no request bodies, no query parameters of SQL commands and no header values
/// but the user agent, which is removed: with a partner's proxy it can name a person's device. The server's line per request, which repeats query strings, is
/// not logged.
/// </remarks>
public static class Telemetry
{
    /// <summary>Sources and meters that are collected: those of this repository, of the bus, and of the database driver.</summary>
    public static IReadOnlyList<string> Sources { get; } = ["Poc.*", "MassTransit", "Npgsql"];

    internal static void Add(IHostApplicationBuilder builder)
    {
        // It writes whole addresses, query strings included, for every request; the traces have all of it that may be kept.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Logging.AddOpenTelemetry(static logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(static metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter([.. Sources]))
            .WithTracing(static tracing => tracing
                .AddAspNetCoreInstrumentation(static options =>
                {
                    options.Filter = static context => !IsProbe(context.Request.Path);
                    options.EnrichWithHttpRequest = static (activity, _) => activity.SetTag("user_agent.original", null);
                })
                .AddHttpClientInstrumentation()
                .AddSource([.. Sources]));

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }
    }

    // Probes come every few seconds from every orchestrator and would bury the traces of real calls.
    private static bool IsProbe(PathString path) =>
        path.StartsWithSegments(Health.LivenessPath) || path.StartsWithSegments(Health.ReadinessPath) || path.StartsWithSegments("/grpc.health.v1.Health");
}
