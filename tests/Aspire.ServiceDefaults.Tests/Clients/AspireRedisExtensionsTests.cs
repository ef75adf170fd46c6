using System.Net;
using Aspire.StackExchange.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Poc.LocalHost.Servers;
using Poc.Testing;
using StackExchange.Redis;

namespace Aspire.ServiceDefaults.Tests.Clients;

// One after the other: activities and their listeners belong to the process, so a service would export the calls of a test beside it.
[Collection("one process")]
public sealed class AspireRedisExtensionsTests
{
    private const string Ready = """{"status":"Healthy","checks":{"redis":"Healthy"}}""";
    private const string NotReady = """{"status":"Unhealthy","checks":{"redis":"Unhealthy"}}""";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_starts_without_Redis_and_connects_when_it_appears()
    {
        var port = Service.FreePort();
        var options = Servers.NewOptions("redis") with { Port = port };
        await using var service = await StartAsync($"127.0.0.1:{port},password={options.Password}");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, NotReady), await service.AskAsync("/health"));
        await using var server = await RedisServer.StartAsync(options, Ended);

        await Eventually.BecomesTrueAsync(async () => await service.AskAsync("/health") == (HttpStatusCode.OK, Ready));
        var redis = service.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        Assert.True(await redis.StringSetAsync("key", "value"));
        Assert.Equal("value", await redis.StringGetAsync("key"));
    }

    [Fact]
    public async Task Waiting_is_short_unless_the_connection_string_says_otherwise()
    {
        await using var service = await StartAsync($"127.0.0.1:{Service.FreePort()},asyncTimeout=7000");

        var options = ConfigurationOptions.Parse(service.Services.GetRequiredService<IConnectionMultiplexer>().Configuration);

        Assert.Equal((false, 2000, 1000, 7000), (options.AbortOnConnectFail, options.ConnectTimeout, options.SyncTimeout, options.AsyncTimeout));
    }

    [Fact]
    public async Task A_missing_connection_string_is_named()
    {
        await using var service = await StartAsync(null);

        var problem = Assert.Throws<InvalidOperationException>(service.Services.GetRequiredService<IConnectionMultiplexer>);

        Assert.Contains("ConnectionStrings:redis", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_and_options_can_be_changed_in_code()
    {
        await using var service = await Service.StartAsync(builder => builder.AddRedisClient(
            "redis",
            static settings => (settings.ConnectionString, settings.DisableHealthChecks) = ($"127.0.0.1:{Service.FreePort()}", true),
            static options => options.ClientName = "the-tests"));

        Assert.Equal("the-tests", service.Services.GetRequiredService<IConnectionMultiplexer>().ClientName);
        Assert.Equal("""{"status":"Healthy","checks":{}}""", (await service.AskAsync("/health")).Body);
    }

    [Fact]
    public void Its_signature_is_that_of_Aspire() =>
        Assert.Equal(
            ["builder: IHostApplicationBuilder", "connectionName: String", "configureSettings: Action<StackExchangeRedisSettings>", "configureOptions: Action<ConfigurationOptions>"],
            Signatures.Of(typeof(AspireRedisExtensions), nameof(AspireRedisExtensions.AddRedisClient)));

    private static Task<Service> StartAsync(string? connectionString) =>
        Service.StartAsync(static builder => builder.AddRedisClient("redis"), settings: new Dictionary<string, string?> { ["ConnectionStrings:redis"] = connectionString });
}
