using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Poc.Contracts.Events;

namespace Poc.Bus.Tests;

public sealed class ConsumerTests : BusTest
{
    private static readonly (string, string)[] Short =
    [
        ("Bus:Retries:0", "00:00:00"), ("Bus:Retries:1", "00:00:00.01"), ("Bus:Retries:2", "00:00:00.02"),
        ("Bus:TransientRetries:0", "00:00:00.01"), ("Bus:TransientRetries:1", "00:00:00.01"), ("Bus:TransientRetries:2", "00:00:00.01"),
        ("Bus:TransientRetries:3", "00:00:00.01"), ("Bus:TransientRetries:4", "00:00:00.01"),
    ];

    [Fact]
    public async Task Tries_a_failing_message_again_as_often_as_configured_and_then_shows_it_among_the_dead_letters()
    {
        await using var service = await StartAsync(settings: Short);
        service.Received.OnAttempt = (_, _) => throw new InvalidDataException("the reason");
        var @event = Sample.Event();
        await service.PublishAsync(@event);

        var letter = await OnlyDeadLetterAsync(service, EventNames.ErrorQueue(TestService.Queue));
        Assert.Equal(1 + 3, service.Received.Attempts);
        Assert.Equal((@event.EventId.ToString(), "the reason"), (letter.MessageId, letter.Reason));
        Assert.Empty(service.Received.Applied);
    }

    [Fact]
    public async Task Tries_six_times_when_nothing_is_configured()
    {
        await using var service = await StartAsync();
        service.Received.OnAttempt = (_, _) => throw new InvalidDataException();
        await service.PublishAsync(Sample.Event());
        await OnlyDeadLetterAsync(service, EventNames.ErrorQueue(TestService.Queue));
        Assert.Equal(1 + new BusOptions().RetriesOrDefault.Length, service.Received.Attempts);
        Assert.Equal(6, service.Received.Attempts);
    }

    [Fact]
    public async Task Recovers_when_a_later_attempt_succeeds()
    {
        await using var service = await StartAsync(settings: Short);
        service.Received.OnAttempt = (_, _) => service.Received.Attempts < 4 ? throw new InvalidDataException() : Task.CompletedTask;
        await service.PublishAsync(Sample.Event());
        await service.Received.HasAsync(1);
        Assert.Equal(4, service.Received.Attempts);
        Assert.Empty(await service.DeadLetters.PeekAsync(EventNames.ErrorQueue(TestService.Queue), 10, Cancellation));
    }

    [Fact]
    public async Task Is_more_patient_with_trouble_of_the_database()
    {
        await using var service = await StartAsync(settings: Short);
        service.Received.OnAttempt = (_, _) => service.Received.Attempts <= 5 ? throw new NpgsqlException("broken", new IOException()) : Task.CompletedTask;
        await service.PublishAsync(Sample.Event());
        await service.Received.HasAsync(1);
        Assert.Equal(6, service.Received.Attempts);
    }

    [Fact]
    public async Task Ends_its_patience_with_the_database_too()
    {
        await using var service = await StartAsync(settings: Short);
        service.Received.OnAttempt = (_, _) => throw new NpgsqlException("broken", new IOException());
        await service.PublishAsync(Sample.Event());
        await OnlyDeadLetterAsync(service, EventNames.ErrorQueue(TestService.Queue));
        Assert.Equal(1 + 5, service.Received.Attempts);
    }

    [Fact]
    public void Stays_patient_for_less_than_the_broker_does()
    {
        var patience = new BusOptions().TransientRetriesOrDefault.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause);
        Assert.InRange(patience, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(20)); // the attempts themselves take time as well
    }

    [Fact]
    public async Task Applies_a_dead_letter_that_is_replayed()
    {
        await using var service = await StartAsync(settings: Short);
        service.Received.OnAttempt = (_, _) => throw new InvalidDataException();
        var @event = Sample.Event();
        await service.PublishAsync(@event);
        await OnlyDeadLetterAsync(service, EventNames.ErrorQueue(TestService.Queue));

        service.Received.OnAttempt = (_, _) => Task.CompletedTask;
        Assert.Equal(1, await service.DeadLetters.ReplayAsync(EventNames.ErrorQueue(TestService.Queue), 10, Cancellation));
        await service.Received.HasAsync(1);
        Assert.Equal([@event], service.Received.Applied);
        Assert.Empty(await service.DeadLetters.PeekAsync(EventNames.ErrorQueue(TestService.Queue), 10, Cancellation));
    }

    [Fact]
    public async Task Refuses_to_replay_an_ordinary_queue() =>
        await Assert.ThrowsAsync<ArgumentException>(() => new DeadLetters(Broker.ConnectionString).ReplayAsync(TestService.Queue, 1, Cancellation));

    [Fact]
    public async Task Keeps_failed_messages_in_a_quorum_queue()
    {
        await using var service = await StartAsync(settings: Short);
        service.Received.OnAttempt = (_, _) => throw new InvalidDataException();
        await service.PublishAsync(Sample.Event());
        await OnlyDeadLetterAsync(service, EventNames.ErrorQueue(TestService.Queue));
        Assert.Equal("quorum", (await Broker.QueuesAsync())[EventNames.ErrorQueue(TestService.Queue)]);
    }

    [Theory]
    [InlineData("", "application/vnd.masstransit+json", "_error")]
    [InlineData("not json", "application/vnd.masstransit+json", "_error")]
    [InlineData("<xml/>", "text/xml", "_error")]
    [InlineData("", null, "_error")]
    [InlineData("""{"messageType":["urn:message:poc.future.v9.unheard-of"],"message":{}}""", "application/vnd.masstransit+json", "_skipped")]
    [InlineData("""{"messageType":["urn:message:poc.statement-archive.v1.translation-added"],"message":{"aggregate":"a"}}""", "application/vnd.masstransit+json", "_error")]
    [InlineData("""{"messageType":["urn:message:poc.statement-archive.v1.translation-added"],"message":null}""", "application/vnd.masstransit+json", "_error")]
    [InlineData("large", "application/vnd.masstransit+json", "_error")]
    public async Task Makes_one_dead_letter_of_a_message_it_cannot_read_and_goes_on(string body, string? contentType, string ending)
    {
        await using var service = await StartAsync(settings: Short);
        await using var channel = await Broker.ChannelAsync();
        var bytes = body == "large" ? new byte[50_000_000] : System.Text.Encoding.UTF8.GetBytes(body);
        var properties = new RabbitMQ.Client.BasicProperties { ContentType = contentType, DeliveryMode = RabbitMQ.Client.DeliveryModes.Persistent };
        var (before, after) = (Sample.Event(), Sample.Event());

        await service.PublishAsync(before);
        await channel.BasicPublishAsync("", TestService.Queue, mandatory: true, properties, bytes, Cancellation);
        await service.PublishAsync(after);

        var letter = await OnlyDeadLetterAsync(service, TestService.Queue + ending);
        Assert.Equal(bytes.Length, letter.Body.Length);
        await service.Received.HasAsync(2);
        Assert.Equal(new HashSet<Guid> { before.EventId, after.EventId }, service.Received.Applied.Select(@event => @event.EventId).ToHashSet());
        Assert.Empty(await service.DeadLetters.PeekAsync(TestService.Queue + (ending == "_error" ? "_skipped" : "_error"), 10, Cancellation));
    }

    [Fact]
    public async Task Reads_an_event_to_which_a_later_version_added_something()
    {
        await using var service = await StartAsync(settings: Short);
        await using var channel = await Broker.ChannelAsync();
        var @event = Sample.Event();
        var later = JsonSerializer.Serialize(@event, EventCatalogue.Json).TrimEnd('}') + """, "later":{"x":1}}""";
        var body = $$"""{"messageType":["urn:message:{{TestService.Urn}}"],"message":{{later}} }""";
        await channel.BasicPublishAsync("", TestService.Queue, mandatory: true,
            new RabbitMQ.Client.BasicProperties { ContentType = "application/vnd.masstransit+json" }, System.Text.Encoding.UTF8.GetBytes(body), Cancellation);
        await service.Received.HasAsync(1);
        Assert.Equal([@event], service.Received.Applied);
    }

    [Fact]
    public async Task Gives_a_message_back_when_the_service_stops_before_it_is_done()
    {
        var begun = new TaskCompletionSource();
        var @event = Sample.Event();
        await using (var first = await StartAsync(settings: ("Bus:StopTimeout", "00:00:01")))
        {
            first.Received.OnAttempt = (_, stopping) =>
            {
                begun.TrySetResult();
                return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping);
            };
            await first.PublishAsync(@event);
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        }

        await using var second = await StartAsync();
        await second.Received.HasAsync(1);
        Assert.Equal([@event], second.Received.Applied);
        Assert.Empty(await second.DeadLetters.PeekAsync(EventNames.ErrorQueue(TestService.Queue), 10, Cancellation));
    }

    [Fact]
    public async Task Does_not_wait_for_ever_for_a_consumer_that_never_ends()
    {
        var begun = new TaskCompletionSource();
        await using var service = await StartAsync(settings: ("Bus:StopTimeout", "00:00:01"));
        service.Received.OnAttempt = (_, _) =>
        {
            begun.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        await service.PublishAsync(Sample.Event());
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        var watch = Stopwatch.StartNew();
        await service.StopAsync();
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Finishes_what_it_works_on_when_the_service_stops()
    {
        var (begun, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var service = await StartAsync();
        service.Received.OnAttempt = async (_, _) =>
        {
            begun.TrySetResult();
            await go.Task;
        };
        await service.PublishAsync(Sample.Event());
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        var stopping = service.StopAsync();
        go.SetResult();
        await stopping;
        Assert.Single(service.Received.Applied);
        Assert.Equal(1, service.Received.Attempts);
    }

    private static async Task<DeadLetter> OnlyDeadLetterAsync(TestService service, string queue)
    {
        IReadOnlyList<DeadLetter> letters = [];
        await Poc.Testing.Eventually.BecomesTrueAsync(
            async () => (letters = await service.DeadLetters.PeekAsync(queue, 10, Cancellation)).Count > 0, what: $"{queue} has a message");
        return Assert.Single(letters);
    }
}
