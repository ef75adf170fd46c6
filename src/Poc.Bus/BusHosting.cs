using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Poc.Contracts.Events;
using Poc.Postgres;

namespace Poc.Bus;

/// <summary>Puts a service on the bus.</summary>
public static class BusHosting
{
    private const string ReplacedHealthCheck = "masstransit";

    /// <summary>
    /// Adds MassTransit on RabbitMQ (<c>ConnectionStrings:bus</c>, <c>amqp://user:password@host:port</c>), the relay that empties the service's outbox, the
    /// sweeper of its inbox, the health check "bus" (tagged <c>ready</c>) and their telemetry. Needs the service's <c>NpgsqlDataSource</c>.
    /// </summary>
    /// <remarks>
    /// The service starts and accepts writes without the broker, and connects when it appears. Each consumer reads a durable quorum queue
    /// <c>&lt;service&gt;-&lt;event&gt;</c>; a message that fails is tried again (<see cref="BusOptions.Retries"/>) and ends in <c>&lt;queue&gt;_error</c>, one
    /// of an unknown type in <c>&lt;queue&gt;_skipped</c>, where <see cref="DeadLetters"/> shows and replays it. Queues exist from the first publishing on, also
    /// those of services that never ran yet (<see cref="Subscriptions"/>).
    /// </remarks>
    /// <param name="builder">The service's host.</param>
    /// <param name="service">Name of the service, part of its queues' names: <c>intake</c>, <c>archive</c>, <c>review</c>, <c>notification</c>.</param>
    /// <param name="consumers">Adds the consumers: <c>bus => bus.AddConsumer&lt;RequestReceivedConsumer&gt;()</c>; one class an event.</param>
    /// <exception cref="InvalidOperationException">There is no connection string; thrown when the host starts.</exception>
    public static IHostApplicationBuilder AddPocBus(this IHostApplicationBuilder builder, string service, Action<IBusRegistrationConfigurator> consumers)
    {
        var services = builder.Services;
        services.AddPocPostgres();
        services.AddOptions<BusOptions>().BindConfiguration("Bus").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<MassTransitHostOptions>().Configure<IOptions<BusOptions>>(static (host, bus) =>
        {
            host.WaitUntilStarted = false; // a service without its broker is a service that accepts writes
            host.StopTimeout = bus.Value.StopTimeout + TimeSpan.FromSeconds(3); // without it MassTransit waits for ever
            host.ConsumerStopTimeout = bus.Value.StopTimeout;
        });
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetEndpointNameFormatter(new ServiceQueues(service));
            bus.ConfigureHealthCheckOptions(static check => check.Name = ReplacedHealthCheck);
            consumers(bus);
            bus.AddConfigureEndpointsCallback(ConfigureEndpoint);
            bus.UsingRabbitMq(ConfigureBroker);
        });
        services.AddSingleton<BusHealth>();
        services.AddHealthChecks().AddCheck<BusHealth>("bus", HealthStatus.Unhealthy, ["ready"]);
        services.PostConfigure<HealthCheckServiceOptions>(static checks =>
        {
            foreach (var replaced in checks.Registrations.Where(check => check.Name == ReplacedHealthCheck).ToList())
            {
                checks.Registrations.Remove(replaced);
            }
        });
        services.AddSingleton<OutboxMetrics>();
        services.AddHostedService<OutboxRelay>();
        services.AddHostedService<InboxSweeper>();
        services.AddSingleton(static provider => new DeadLetters(ConnectionString(provider)));
        services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddSource("MassTransit", BusTelemetry.Name));
        services.ConfigureOpenTelemetryMeterProvider(static metrics => metrics.AddMeter("MassTransit", BusTelemetry.Name));
        return builder;
    }

    private static void ConfigureBroker(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator broker)
    {
        var uri = new Uri(ConnectionString(context));
        var credentials = uri.UserInfo.Split(':', 2);
        broker.Host(new UriBuilder(uri) { UserName = "", Password = "" }.Uri, host =>
        {
            host.Username(credentials[0].Length > 0 ? Uri.UnescapeDataString(credentials[0]) : "guest");
            host.Password(credentials.Length > 1 ? Uri.UnescapeDataString(credentials[1]) : "guest");
            host.PublisherConfirmation = true;
            host.Heartbeat(TimeSpan.FromSeconds(10)); // a half-open link is noticed within about 20 s
        });
        broker.MessageTopology.SetEntityNameFormatter(new EventExchanges(broker.MessageTopology.EntityNameFormatter));
        broker.ConfigureJsonSerializerOptions(WireJson);
        foreach (var @event in EventCatalogue.All)
        {
            broker.Publish(@event, topology => BindTakers(topology, @event));
        }

        broker.ConfigureEndpoints(context);
    }

    /// <summary>The publisher declares the queues of an event's takers as they declare them themselves: an event waits for a service that never ran before.</summary>
    private static void BindTakers(IRabbitMqMessagePublishTopologyConfigurator topology, Type @event)
    {
        foreach (var service in Subscriptions.Of(@event))
        {
            var queue = EventNames.Queue(service, @event);
            topology.BindQueue(EventNames.Exchange(@event), queue, binding => binding.SetQueueArgument("x-queue-type", "quorum"));
        }
    }

    /// <summary>The same JSON on the bus as in the outbox. MassTransit adds converters of its own for its envelope, so its options are kept and ours put on top.</summary>
    private static JsonSerializerOptions WireJson(JsonSerializerOptions envelope)
    {
        var ours = EventCatalogue.Json;
        var wire = new JsonSerializerOptions(envelope)
        {
            PropertyNamingPolicy = ours.PropertyNamingPolicy,
            PropertyNameCaseInsensitive = ours.PropertyNameCaseInsensitive,
            DefaultIgnoreCondition = ours.DefaultIgnoreCondition,
            NumberHandling = ours.NumberHandling,
            Encoder = ours.Encoder,
            RespectNullableAnnotations = ours.RespectNullableAnnotations,
            RespectRequiredConstructorParameters = ours.RespectRequiredConstructorParameters,
            WriteIndented = false,
        };
        foreach (var converter in ours.Converters)
        {
            wire.Converters.Add(converter);
        }

        return wire;
    }

    private static void ConfigureEndpoint(IRegistrationContext context, string name, IReceiveEndpointConfigurator endpoint)
    {
        var options = context.GetRequiredService<IOptions<BusOptions>>().Value;
        endpoint.PrefetchCount = options.Prefetch;
        endpoint.ConcurrentMessageLimit = options.Concurrency;
        endpoint.PublishFaults = false; // nobody listens to fault events; the error queue is the record
        if (endpoint is IRabbitMqReceiveEndpointConfigurator queue)
        {
            queue.SetQuorumQueue();
        }

        // The outer policy sees what the inner one leaves to it.
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(Transience.IsTransient);
            retry.Intervals(options.TransientRetriesOrDefault);
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore<Exception>(Transience.IsTransient);
            retry.Intervals(options.RetriesOrDefault);
        });
    }

    private static string ConnectionString(IServiceProvider services) =>
        services.GetRequiredService<IConfiguration>().GetConnectionString("bus") is { Length: > 0 } configured
            ? configured
            : throw new InvalidOperationException("There is no connection string: set ConnectionStrings:bus.");
}
