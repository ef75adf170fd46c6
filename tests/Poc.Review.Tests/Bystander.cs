using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Poc.Bus;
using Poc.Contracts.Events;
using Poc.Contracts.Events.Review.V1;
using Poc.Postgres;
using Poc.Testing;

namespace Poc.Review.Tests;

/// <summary>Another service on the bus, with a database and an outbox of its own: says what Intake and Notification say, hears what Review publishes.</summary>
internal sealed class Bystander : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TestDatabase _database;

    private Bystander(IHost host, TestDatabase database) => (_host, _database) = (host, database);

    /// <summary>Each delivery, repeated ones too.</summary>
    public ConcurrentQueue<IEvent> Heard { get; } = [];

    public static async Task<Bystander> StartAsync(string bus)
    {
        var database = await TestDatabase.CreateAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:bus", bus)]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(database.Source);
        Bystander? self = null;
        builder.Services.AddSingleton(_ => self!);
        builder.AddPocBus("bystander", static consumers =>
        {
            consumers.AddConsumer<Listener<AdmissibilityDecided>>();
            consumers.AddConsumer<Listener<DossierOpened>>();
            consumers.AddConsumer<Listener<PanelSeated>>();
            consumers.AddConsumer<Listener<BallotsOpened>>();
            consumers.AddConsumer<Listener<PanelTermEnding>>();
            consumers.AddConsumer<Listener<DecisionSigned>>();
            consumers.AddConsumer<Listener<DecisionAnnounced>>();
            consumers.AddConsumer<Listener<AppealFiled>>();
            consumers.AddConsumer<Listener<SubjectCorrected>>();
            consumers.AddConsumer<Listener<SubjectMerged>>();
            consumers.AddConsumer<Listener<SubjectSeparated>>();
        });
        self = new Bystander(builder.Build(), database);
        await self._host.StartAsync();
        // What is published before its queues exist is not delivered to it.
        await self._host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
        return self;
    }

    /// <summary>Publishes events through the outbox.</summary>
    public Task SayAsync(params IEvent[] events) => _database.Database.InTransactionAsync(async tx =>
    {
        foreach (var @event in events)
        {
            await Outbox.AddAsync(tx, @event);
        }
    }, CancellationToken.None);

    /// <summary>The first event of its kind about something, when it has come.</summary>
    public async Task<T> HeardAsync<T>(string aggregate) where T : IEvent
    {
        await Eventually.BecomesTrueAsync(() => Heard.OfType<T>().Any(heard => heard.Aggregate == aggregate), what: $"{typeof(T).Name} of {aggregate}");
        return Heard.OfType<T>().First(heard => heard.Aggregate == aggregate);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _database.DisposeAsync();
    }

    private sealed class Listener<TEvent>(Bystander self) : IConsumer<TEvent> where TEvent : class, IEvent
    {
        public Task Consume(ConsumeContext<TEvent> context)
        {
            self.Heard.Enqueue(context.Message);
            return Task.CompletedTask;
        }
    }
}
