using System.Text;
using System.Text.Json;
using Poc.Contracts.Events;
using RabbitMQ.Client;

namespace Poc.Bus.Tests;

public sealed class WireTests : BusTest
{
    [Fact]
    public async Task Publishes_under_the_pinned_name_with_the_id_and_the_json_of_the_outbox()
    {
        var tap = await Broker.TapAsync(TestService.Urn);
        await using var service = await StartAsync(consume: false);
        var @event = Sample.Event(Sample.Aggregate(), language: "рус");
        await service.PublishAsync(@event);

        var message = await tap.NextAsync();
        var envelope = JsonDocument.Parse(message.Body).RootElement;
        Assert.Equal(["urn:message:poc.statement-archive.v1.translation-added"], envelope.GetProperty("messageType").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal(@event.EventId, envelope.GetProperty("messageId").GetGuid());
        Assert.Equal(@event.EventId.ToString(), message.BasicProperties.MessageId);
        Assert.Equal(JsonSerializer.Serialize(@event, EventCatalogue.Json), envelope.GetProperty("message").GetRawText());
        Assert.Equal(DeliveryModes.Persistent, message.BasicProperties.DeliveryMode);
        Assert.Equal("application/vnd.masstransit+json", message.BasicProperties.ContentType);
        Assert.DoesNotContain("Poc.", Encoding.UTF8.GetString(message.Body.Span).Replace("Poc.Bus.Tests", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_nothing_on_the_broker_after_a_class_and_reads_from_quorum_queues()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(Sample.Event());
        await service.Received.HasAsync(1);
        Assert.Equal([TestService.Urn, TestService.Queue], (await Broker.ExchangesAsync()).Order());
        Assert.Equal([(TestService.Queue, "quorum")], (await Broker.QueuesAsync()).Select(queue => (queue.Key, queue.Value)));
    }

    [Fact]
    public async Task Delivers_events_as_they_were_sent()
    {
        await using var service = await StartAsync();
        var events = Enumerable.Range(1, 50).Select(_ => Sample.Event()).ToArray();
        await service.PublishAsync(events);
        await service.Received.HasAsync(50);
        await OutboxHasAsync(0);
        Assert.Equal(events.ToHashSet(), service.Received.Applied.ToHashSet());
    }
}
