using Poc.Testing;

namespace Poc.Bus.Tests;

/// <summary>A database and a virtual host of the test's own.</summary>
public abstract class BusTest : IAsyncLifetime
{
    private protected TestDatabase Database { get; private set; } = null!;

    private protected VirtualHost Broker { get; private set; } = null!;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Broker = await VirtualHost.CreateAsync(await Servers.RabbitMqAsync());
        Database = await TestDatabase.CreateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<TestService> StartAsync(bool consume = true, params (string, string)[] settings) =>
        TestService.StartAsync(Database, Broker.ConnectionString, consume, settings: settings);

    private protected Task OutboxHasAsync(int rows) =>
        Eventually.BecomesTrueAsync(async () => await Database.ScalarAsync<long>("SELECT count(*) FROM outbox") == rows, what: $"the outbox has {rows} rows");
}
