using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.ServiceDefaults.Tests;

// One after the other: activities and their listeners belong to the process, so a service would export the calls of a test beside it.
[Collection("one process")]
public sealed class ServiceDefaultsExtensionsTests
{
    [Fact]
    public async Task Every_client_finds_services_by_name_and_endpoint()
    {
        await using var callee = await Service.StartAsync();
        await using var caller = await Service.StartAsync(settings: new Dictionary<string, string?> { ["services:callee:web:0"] = $"http://127.0.0.1:{callee.WebPort}" });
        using var http = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        Assert.Equal("HTTP/1.1", await http.GetStringAsync(new Uri("http://_web.callee/hello"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Stopping_is_over_before_an_orchestrator_kills()
    {
        await using var service = await Service.StartAsync();

        Assert.Equal(TimeSpan.FromSeconds(25), service.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }
}
