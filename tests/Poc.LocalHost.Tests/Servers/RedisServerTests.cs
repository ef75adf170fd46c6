using Poc.LocalHost.Servers;
using Poc.Testing;
using StackExchange.Redis;

namespace Poc.LocalHost.Tests.Servers;

public sealed class RedisServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keeps_its_keys_over_a_stop_and_a_kill()
    {
        await using var server = await RedisServer.StartAsync(Poc.Testing.Servers.NewOptions("redis"), Cancellation);
        await using (var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString))
        {
            Assert.True(await client.GetDatabase().StringSetAsync("name", "value"));
            Assert.Equal(3, (int)await client.GetDatabase().ScriptEvaluateAsync("return redis.call('INCRBY', KEYS[1], 3)", ["counter"]));
        }

        await server.RestartAsync(Cancellation);
        await HasBothAsync(server);
        await server.KillAsync();
        await server.StartAgainAsync(Cancellation);
        await HasBothAsync(server);
    }

    [Fact]
    public async Task Wants_a_password()
    {
        var server = await Poc.Testing.Servers.RedisAsync();
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{server.Port},connectTimeout=2000"));
    }

    private static async Task HasBothAsync(RedisServer server)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        Assert.Equal("value", await client.GetDatabase().StringGetAsync("name"));
        Assert.Equal(3, (int)await client.GetDatabase().StringGetAsync("counter"));
    }
}
