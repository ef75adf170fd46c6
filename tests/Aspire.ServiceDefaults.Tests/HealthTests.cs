using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.ServiceDefaults.Tests;

// One after the other: activities and their listeners belong to the process, so a service would export the calls of a test beside it.
[Collection("one process")]
public sealed class HealthTests
{
    private const string Canary = "canary-51ab";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Alive_speaks_for_the_process_and_health_for_what_it_needs(string environment)
    {
        await using var service = await Service.StartAsync(
            static builder => builder.Services.AddHealthChecks().AddCheck("bus", static () => HealthCheckResult.Unhealthy(Canary, new InvalidOperationException(Canary)), ["ready"]), environment);

        Assert.Equal((HttpStatusCode.OK, """{"status":"Healthy","checks":{"self":"Healthy"}}"""), await service.AskAsync("/alive"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"Unhealthy","checks":{"bus":"Unhealthy"}}"""), await service.AskAsync("/health"));
    }

    [Fact]
    public async Task A_service_without_needs_is_ready()
    {
        await using var service = await Service.StartAsync();

        Assert.Equal((HttpStatusCode.OK, """{"status":"Healthy","checks":{}}"""), await service.AskAsync("/health"));
    }

    [Fact]
    public async Task A_check_that_a_package_added_without_tags_is_about_readiness_too()
    {
        await using var service = await Service.StartAsync(static builder => builder.Services.AddHealthChecks().AddCheck("PostgreSql", static () => HealthCheckResult.Unhealthy()));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"Unhealthy","checks":{"postgres":"Unhealthy"}}"""), await service.AskAsync("/health"));
        Assert.Equal(HttpStatusCode.OK, (await service.AskAsync("/alive")).Code);
    }

    [Theory]
    [InlineData("/alive")]
    [InlineData("/health")]
    public async Task Health_is_on_the_web_endpoint_only(string path)
    {
        await using var service = await Service.StartAsync();
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri($"http://127.0.0.1:{service.GrpcPort}{path}"), Ended)).StatusCode);
        Assert.Equal("HTTP/2", await http.GetStringAsync(new Uri($"http://127.0.0.1:{service.GrpcPort}/hello"), Ended)); // the endpoint itself is there
    }

    [Fact]
    public async Task A_proxy_in_front_may_have_another_port()
    {
        await using var service = await Service.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/health", UriKind.Relative)) { Headers = { Host = "public.example:443" } };

        Assert.Equal(HttpStatusCode.OK, (await service.Http.SendAsync(request, Ended)).StatusCode);
    }
}
