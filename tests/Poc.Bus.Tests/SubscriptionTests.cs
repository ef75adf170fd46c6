using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Poc.Contracts.Events;
using Poc.Contracts.Events.Review.V1;
using Poc.Testing;

namespace Poc.Bus.Tests;

public sealed class SubscriptionTests : BusTest
{
    [Fact]
    public async Task An_event_waits_for_a_service_that_has_never_run()
    {
        var opened = new DossierOpened(Guid.CreateVersion7(), $"dossiers/{Guid.CreateVersion7()}", 1, new(2021, 2, 1, 0, 0, 0, TimeSpan.Zero), "DELIST", "subjects/somebody", null);
        await using (var publisher = await StartAsync(consume: false))
        {
            await publisher.PublishAsync(opened);
            await OutboxHasAsync(0);
            Assert.Equal([("notification-dossier-opened", "quorum")], (await Broker.QueuesAsync()).Select(queue => (queue.Key, queue.Value)));
        }

        var late = new TaskCompletionSource<DossierOpened>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:bus", Broker.ConnectionString)]);
        builder.Services.AddSingleton<NpgsqlDataSource>(_ => NpgsqlDataSource.Create(Database.ConnectionString));
        builder.Services.AddSingleton(late);
        builder.AddPocBus("notification", bus => bus.AddConsumer<LateConsumer>());
        using var taker = builder.Build();
        await taker.StartAsync(Cancellation);
        Assert.Equal(opened, await late.Task.WaitAsync(Eventually.Patience, Cancellation));
        await taker.StopAsync(Cancellation);
    }

    [Fact]
    public void An_event_nobody_takes_has_no_takers() => Assert.Empty(Subscriptions.Of(typeof(SubscriptionTests)));

    private sealed class LateConsumer(TaskCompletionSource<DossierOpened> received) : IConsumer<DossierOpened>
    {
        public Task Consume(ConsumeContext<DossierOpened> context)
        {
            received.TrySetResult(context.Message);
            return Task.CompletedTask;
        }
    }
}
