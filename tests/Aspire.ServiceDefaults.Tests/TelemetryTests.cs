using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Poc.Testing;

namespace Aspire.ServiceDefaults.Tests;

// One after the other: activities and their listeners belong to the process, so a service would export the calls of a test beside it.
[Collection("one process")]
public sealed class TelemetryTests
{
    private const string Canary = "canary-90fe";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Traces_metrics_and_logs_go_to_the_collector_without_personal_data()
    {
        await using var collector = await Collector.StartAsync();
        await using var service = await Service.StartAsync(settings: collector.Settings);
        using var work = new ActivitySource("Poc.Telemetry.Tests");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/hello?name={Canary}", UriKind.Relative));
        request.Headers.UserAgent.ParseAdd(Canary);
        request.Headers.Add("x-api-key", Canary);

        // The caller of this test is in the same process and would leave traces of its own.
        using (SuppressInstrumentationScope.Begin())
        {
            (await service.Http.SendAsync(request, Ended)).EnsureSuccessStatusCode();
        }

        using (work.StartActivity("work of our own"))
        {
        }

        await Eventually.BecomesTrueAsync(() =>
            collector.Has("/v1/traces", "/hello") && collector.Has("/v1/traces", "work of our own")
            && collector.Has("/v1/metrics", "http.server.request.duration") && collector.Has("/v1/metrics", "dotnet.gc.collections")
            && collector.Has("/v1/logs", "hello was said"));
        Assert.Empty(collector.Around(Canary));
    }

    [Fact]
    public async Task Probes_leave_no_traces()
    {
        await using var collector = await Collector.StartAsync();
        await using var service = await Service.StartAsync(settings: collector.Settings);

        using (SuppressInstrumentationScope.Begin())
        {
            await service.AskAsync("/health");
            await service.AskAsync("/alive");
            await service.AskAsync("/hello");
        }

        await Eventually.BecomesTrueAsync(() => collector.Has("/v1/traces", "/hello"));
        Assert.False(collector.Has("/v1/traces", "/health"));
        Assert.False(collector.Has("/v1/traces", "/alive"));
    }

    [Fact]
    public async Task A_service_works_without_a_collector()
    {
        await using var silent = await Service.StartAsync();
        await using var lost = await Service.StartAsync(settings: new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{Service.FreePort()}" });

        Assert.Equal(HttpStatusCode.OK, (await silent.AskAsync("/hello")).Code);
        Assert.Equal(HttpStatusCode.OK, (await lost.AskAsync("/hello")).Code);
        Assert.NotNull(silent.Services.GetService<TracerProvider>());
    }

    /// <summary>Takes OTLP over HTTP and keeps it as it comes: names and values stand in the protobuf as plain text.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Text)> _received = [];
        private readonly WebApplication _app;

        private Collector()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            _app = builder.Build();
            _app.Run(async call =>
            {
                using var body = new MemoryStream();
                await call.Request.Body.CopyToAsync(body, call.RequestAborted);
                _received.Enqueue((call.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            });
        }

        public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
        };

        public static async Task<Collector> StartAsync()
        {
            var collector = new Collector();
            await collector._app.StartAsync(Ended);
            return collector;
        }

        public bool Has(string path, string text) => _received.Any(message => message.Path == path && message.Text.Contains(text, StringComparison.Ordinal));

        /// <summary>Where the text stands, with what stands before it.</summary>
        public IEnumerable<string> Around(string text) => _received
            .Where(message => message.Text.Contains(text, StringComparison.Ordinal))
            .Select(message => message.Path + ": " + message.Text[Math.Max(0, message.Text.IndexOf(text, StringComparison.Ordinal) - 60)..message.Text.IndexOf(text, StringComparison.Ordinal)]);

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
