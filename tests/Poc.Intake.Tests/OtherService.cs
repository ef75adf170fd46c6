using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Poc.Bus;
using Poc.Contracts.Events;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Testing;

namespace Poc.Intake.Tests;

/// <summary>Another service on the bus, with a database and an outbox of its own: hears what Intake publishes, says what Review would.</summary>
internal sealed class OtherService : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TestDatabase _database;

    private OtherService(IHost host, TestDatabase database) => (_host, _database) = (host, database);

    /// <summary>Each delivery, repeated ones too.</summary>
    public ConcurrentQueue<IEvent> Heard { get; } = [];

    public static async Task<OtherService> StartAsync(string bus, string name = "review")
    {
        var database = await TestDatabase.CreateAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:bus", bus)]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(database.Source);
        OtherService? self = null;
        builder.Services.AddSingleton(_ => self!);
        builder.AddPocBus(name, static consumers =>
        {
            consumers.AddConsumer<Listener<RequestReceived>>();
            consumers.AddConsumer<Listener<RequestWithdrawn>>();
            consumers.AddConsumer<Listener<SpeakerAsked>>();
            consumers.AddConsumer<Listener<ImpostorIncidentOpened>>();
            consumers.AddConsumer<Listener<RequestSubjectConfirmed>>();
            consumers.AddConsumer<Listener<AmplificationEventRecorded>>();
            consumers.AddConsumer<Listener<CampaignRaised>>();
            consumers.AddConsumer<Listener<CampaignRequestsJoined>>();
            consumers.AddConsumer<Listener<CampaignMerged>>();
            consumers.AddConsumer<Listener<CampaignClassified>>();
            consumers.AddConsumer<Listener<CampaignContested>>();
        });
        self = new OtherService(builder.Build(), database);
        await self._host.StartAsync();
        // What is published before its queues exist is not delivered to it.
        await self._host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
        return self;
    }

    /// <summary>Publishes an event through the outbox.</summary>
    public Task SayAsync(params IEvent[] events) => _database.Database.InTransactionAsync(async tx =>
    {
        foreach (var @event in events)
        {
            await Outbox.AddAsync(tx, @event);
        }
    }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _database.DisposeAsync();
    }

    private sealed class Listener<TEvent>(OtherService self) : IConsumer<TEvent> where TEvent : class, IEvent
    {
        public Task Consume(ConsumeContext<TEvent> context)
        {
            self.Heard.Enqueue(context.Message);
            return Task.CompletedTask;
        }
    }
}
