using MassTransit;
using Poc.Contracts.Events;

namespace Poc.Bus;

/// <summary>
/// Names on the broker. They come from the events' pinned names and the services', never from CLR types, so that moving or renaming a class changes nothing.
/// </summary>
/// <remarks>
/// The trap: a queue stays bound to its exchange when nobody reads it any more. If a service stops consuming an event, or an event is renamed, the old queue
/// goes on collecting messages until it is deleted by hand.
/// </remarks>
public static class EventNames
{
    /// <summary>Where an event is published: a fanout exchange with the event's pinned name, for example <c>poc.intake.v1.request-received</c>.</summary>
    public static string Exchange(Type @event) => EventCatalogue.UrnOf(@event);

    /// <summary>Where a service's consumers of an event read it, for example <c>review-request-received</c>.</summary>
    public static string Queue(string service, Type @event) => $"{service}-{EventCatalogue.UrnOf(@event).Split('.')[^1]}";

    /// <summary>Where messages end whose processing failed at every attempt, or that cannot be read.</summary>
    public static string ErrorQueue(string queue) => queue + "_error";

    /// <summary>Where messages end that the queue's consumer is not for: of an unknown type.</summary>
    public static string SkippedQueue(string queue) => queue + "_skipped";

    /// <summary>The one event a consumer class is for.</summary>
    /// <exception cref="ArgumentException">It consumes none or several: one class a consumer and event, because its name is part of the inbox's key.</exception>
    internal static Type EventOf(Type consumer)
    {
        var events = consumer.GetInterfaces()
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>))
            .Select(type => type.GetGenericArguments()[0])
            .ToList();
        return events is [var only] && only.IsAssignableTo(typeof(IEvent))
            ? only
            : throw new ArgumentException($"{consumer.Name} must consume exactly one event.", nameof(consumer));
    }
}

/// <summary>Exchanges by pinned name; what is not an event of ours keeps MassTransit's name.</summary>
internal sealed class EventExchanges(IEntityNameFormatter others) : IEntityNameFormatter
{
    public string FormatEntityName<T>() => typeof(T).IsAssignableTo(typeof(IEvent)) && typeof(T) != typeof(IEvent) ? EventNames.Exchange(typeof(T)) : others.FormatEntityName<T>();
}

/// <summary>Queues by service and pinned event name.</summary>
internal sealed class ServiceQueues(string service) : DefaultEndpointNameFormatter(includeNamespace: false), IEndpointNameFormatter
{
    string IEndpointNameFormatter.Consumer<T>() => EventNames.Queue(service, EventNames.EventOf(typeof(T)));
}
