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
        await using var collector = await OtlpCollector.StartAsync(Ended);
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
        await using var collector = await OtlpCollector.StartAsync(Ended);
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
}
