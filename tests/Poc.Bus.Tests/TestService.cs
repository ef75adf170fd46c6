using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Poc.Contracts.Events;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Postgres;
using Poc.Testing;

namespace Poc.Bus.Tests;

/// <summary>A small service on the bus: what a real one registers, and a consumer that remembers what it was given.</summary>
internal sealed class TestService : IAsyncDisposable
{
    public const string Name = "sample";
    public const string Queue = "sample-translation-added";
    public const string Urn = "poc.statement-archive.v1.translation-added";

    private readonly IHost _host;

    private TestService(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public Received Received => Services.GetRequiredService<Received>();

    public DeadLetters DeadLetters => Services.GetRequiredService<DeadLetters>();

    /// <summary>Starts one. With a consumer it is on the bus when this returns, unless <paramref name="wait"/> is false.</summary>
    public static async Task<TestService> StartAsync(
        TestDatabase database, string bus, bool consume = true, bool wait = true, Action<IServiceCollection>? services = null, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:bus", bus), new("Bus:Outbox:PollInterval", "00:00:00.2")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)));
        builder.Services.AddLogging(logging => logging.AddFilter(null, LogLevel.Warning));
        builder.Services.AddSingleton<NpgsqlDataSource>(_ => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 20 }));
        builder.Services.AddSingleton<Received>();
        builder.AddPocBus(Name, registration =>
        {
            if (consume)
            {
                registration.AddConsumer<TranslationAddedConsumer>();
            }
        });
        services?.Invoke(builder.Services);
        var host = builder.Build();
        var service = new TestService(host);
        await host.StartAsync();
        if (wait)
        {
            await service.BecomesAsync(HealthStatus.Healthy);
        }

        return service;
    }

    public async Task<HealthReport> CheckAsync() =>
        await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"));

    public Task BecomesAsync(HealthStatus status) => Eventually.BecomesTrueAsync(
        async () => (await CheckAsync()).Entries["bus"].Status == status, TimeSpan.FromSeconds(120), $"the bus is {status}");

    public Task PublishAsync(params IEvent[] events) => Services.GetRequiredService<Database>().InTransactionAsync(async tx =>
    {
        foreach (var @event in events)
        {
            await Outbox.AddAsync(tx, @event);
        }
    }, CancellationToken.None);

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }
    }
}

/// <summary>What a consumer was given, and what it does with it.</summary>
internal sealed class Received
{
    private int _attempts;

    /// <summary>Events whose effect was committed, in order.</summary>
    public ConcurrentQueue<TranslationAdded> Applied { get; } = new();

    /// <summary>How often the consumer was called.</summary>
    public int Attempts => _attempts;

    /// <summary>Called at every attempt before the effect.</summary>
    public Func<TranslationAdded, CancellationToken, Task> OnAttempt { get; set; } = (_, _) => Task.CompletedTask;

    public Task AttemptAsync(TranslationAdded @event, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _attempts);
        return OnAttempt(@event, cancellation);
    }

    public Task HasAsync(int events, TimeSpan? deadline = null) =>
        Eventually.BecomesTrueAsync(() => Applied.Count >= events, deadline, $"{events} events are applied");
}

internal sealed class TranslationAddedConsumer(Inbox inbox, Received received) : IConsumer<TranslationAdded>
{
    public async Task Consume(ConsumeContext<TranslationAdded> context)
    {
        await received.AttemptAsync(context.Message, context.CancellationToken);
        await inbox.ApplyAsync(context.Message, nameof(TranslationAddedConsumer), (_, @event) =>
        {
            received.Applied.Enqueue(@event);
            return Task.CompletedTask;
        }, context.CancellationToken);
    }
}

internal static class Sample
{
    public static string Aggregate() => $"statements/{Guid.CreateVersion7()}";

    public static TranslationAdded Event(string aggregate, long version = 1, string language = "ru") =>
        new(Guid.CreateVersion7(), aggregate, version, new DateTimeOffset(2021, 2, 23, 12, 0, 0, TimeSpan.Zero), language, (int)version);

    public static TranslationAdded Event() => Event(Aggregate());
}
