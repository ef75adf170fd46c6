using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.StatementArchive.V1;

namespace Poc.Bus.Tests;

public sealed class EventNamesTests
{
    [Fact]
    public void Names_an_exchange_after_the_pinned_name() => Assert.Equal("poc.intake.v1.request-received", EventNames.Exchange(typeof(RequestReceived)));

    [Fact]
    public void Names_a_queue_after_the_service_and_the_event() => Assert.Equal("review-request-received", EventNames.Queue("review", typeof(RequestReceived)));

    [Fact]
    public void Knows_the_event_of_a_consumer() => Assert.Equal(typeof(TranslationAdded), EventNames.EventOf(typeof(TranslationAddedConsumer)));

    [Fact]
    public void Refuses_a_consumer_of_two_events() => Assert.Throws<ArgumentException>(() => EventNames.EventOf(typeof(OfTwo)));

    [Fact]
    public void Refuses_a_consumer_of_something_else() => Assert.Throws<ArgumentException>(() => EventNames.EventOf(typeof(OfText)));

    private sealed class OfTwo : IConsumer<RequestReceived>, IConsumer<RequestWithdrawn>
    {
        public Task Consume(ConsumeContext<RequestReceived> context) => Task.CompletedTask;

        public Task Consume(ConsumeContext<RequestWithdrawn> context) => Task.CompletedTask;
    }

    private sealed class OfText : IConsumer<Version>
    {
        public Task Consume(ConsumeContext<Version> context) => Task.CompletedTask;
    }
}
