using MassTransit;
using Poc.Contracts.Events;
using Xunit;

namespace Poc.Architecture.Tests;

/// <summary>What <see cref="Subscriptions"/> says is what the services consume: a taker that is missing there could miss events published before its first start.</summary>
public sealed class SubscriptionTests
{
    private static readonly Dictionary<string, string> Services = new(StringComparer.Ordinal)
    {
        ["intake"] = "Poc.Intake",
        ["archive"] = "Poc.StatementArchive",
        ["review"] = "Poc.Review",
        ["notification"] = "Poc.Notification",
    };

    [Fact]
    public void Every_consumer_is_a_subscription_and_every_subscription_a_consumer() =>
        Assert.Equal(
            EventCatalogue.All.SelectMany(@event => Subscriptions.Of(@event).Select(service => $"{Services[service]} takes {@event.Name}")).Order(StringComparer.Ordinal),
            Repository.Services.SelectMany(service => Consumed(service.GetTypes()).Select(@event => $"{service.GetName().Name} takes {@event.Name}")).Order(StringComparer.Ordinal));

    [Fact]
    public void The_rule_sees_a_consumer() => Assert.Equal([typeof(string)], Consumed([typeof(Sample), typeof(SubscriptionTests)]));

    private static IEnumerable<Type> Consumed(IEnumerable<Type> types) =>
        from type in types
        where type is { IsClass: true, IsAbstract: false }
        from face in type.GetInterfaces()
        where face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IConsumer<>)
        select face.GetGenericArguments()[0];

    private sealed class Sample : IConsumer<string>
    {
        public Task Consume(ConsumeContext<string> context) => Task.CompletedTask;
    }
}
