using System.Net;
using Poc.LocalHost.Servers;
using Poc.Testing;

namespace Poc.Notification.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task Names_everything_the_service_needs_and_says_when_Redis_is_away()
    {
        await Servers.RedisAsync();
        await using var redis = await RedisServer.StartAsync(Servers.NewOptions("redis"), TestContext.Current.CancellationToken);
        await using var stack = await NotificationStack.StartAsync(redis);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{stack.WebPort}") };

        await Eventually.BecomesTrueAsync(async () => (await client.GetAsync("/health")).StatusCode == HttpStatusCode.OK);
        var healthy = await client.GetStringAsync("/health", TestContext.Current.CancellationToken);
        foreach (var check in new[] { "postgres", "redis", "bus", "smtp" })
        {
            Assert.Contains($"\"{check}\":\"Healthy\"", healthy, StringComparison.Ordinal);
        }

        await redis.KillAsync();
        await Eventually.BecomesTrueAsync(async () => (await client.GetAsync("/health")).StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/alive", TestContext.Current.CancellationToken)).StatusCode);
    }
}
