using System.Text.Json;
using Poc.Bus;
using Poc.Contracts.Events;
using Poc.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Poc.Notification.Tests;

/// <summary>A virtual host of a stack's own on the broker: its queues are not read by another stack of the same test run.</summary>
internal sealed class VirtualHost(string connectionString) : IAsyncDisposable
{
    private IConnection? _connection;

    public string ConnectionString => connectionString;

    public static async Task<VirtualHost> CreateAsync() => new(await Servers.NewBusAsync());

    /// <summary>Collects what is published of an event type from now on, as another service would receive it.</summary>
    public async Task<Tap<TEvent>> TapAsync<TEvent>() where TEvent : class, IEvent
    {
        _connection ??= await new ConnectionFactory { Uri = new Uri(connectionString) }.CreateConnectionAsync();
        var channel = await _connection.CreateChannelAsync();
        var exchange = EventNames.Exchange(typeof(TEvent));
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, exchange, "");
        var tap = new Tap<TEvent>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            using var envelope = JsonDocument.Parse(message.Body);
            tap.Add(envelope.RootElement.GetProperty("message").Deserialize<TEvent>(EventCatalogue.Json)!);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        return tap;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
    }
}

/// <summary>The events that were published since the tap was opened.</summary>
internal sealed class Tap<TEvent> where TEvent : class, IEvent
{
    private readonly Lock _gate = new();
    private readonly List<TEvent> _received = [];

    public void Add(TEvent @event)
    {
        lock (_gate)
        {
            _received.Add(@event);
        }
    }

    /// <summary>What was published about one thing so far, in the order of its arrival; the relay may repeat an event.</summary>
    public IReadOnlyList<TEvent> About(string aggregate)
    {
        lock (_gate)
        {
            return [.. _received.Where(@event => @event.Aggregate == aggregate).DistinctBy(static @event => @event.EventId)];
        }
    }

    /// <summary>Waits until that many were published about it.</summary>
    public async Task<IReadOnlyList<TEvent>> AboutAsync(string aggregate, int count)
    {
        await Eventually.BecomesTrueAsync(() => About(aggregate).Count >= count, what: $"{count} {typeof(TEvent).Name} about {aggregate}");
        return About(aggregate);
    }
}
