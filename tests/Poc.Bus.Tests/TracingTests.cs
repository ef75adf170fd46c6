using System.Collections.Concurrent;
using System.Diagnostics;
using Poc.Contracts.Events;
using Poc.Postgres;

namespace Poc.Bus.Tests;

public sealed class TracingTests : BusTest
{
    [Fact]
    public async Task One_trace_goes_from_the_writer_over_outbox_and_bus_to_the_consumer()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "MassTransit" or BusTelemetry.Name or "test",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        await using var service = await StartAsync();
        ActivityTraceId seen = default;
        service.Received.OnAttempt = (_, _) =>
        {
            seen = Activity.Current!.TraceId;
            return Task.CompletedTask;
        };

        ActivityTraceId written;
        var @event = Sample.Event();
        using (var call = source.StartActivity("call"))
        {
            written = call!.TraceId;
            await service.PublishAsync(@event);
        }

        await service.Received.HasAsync(1);
        Assert.Equal(written, seen);

        // No link is missing: from the consumer's span each parent is a span of the same trace, up to the call. The sender's spans end after the consumer's.
        IReadOnlyList<Activity> path = [];
        await Poc.Testing.Eventually.BecomesTrueAsync(() => (path = Path(ended, written)) is [.., { OperationName: "call" }]);
        Assert.Equal(["MassTransit", BusTelemetry.Name, "test"], path.Select(step => step.Source.Name).Distinct());
        Assert.Equal(@event.EventId, path.Single(step => step.Source.Name == BusTelemetry.Name).GetTagItem("messaging.message.id"));
    }

    private static List<Activity> Path(IEnumerable<Activity> ended, ActivityTraceId traceId)
    {
        var trace = ended.Where(activity => activity.TraceId == traceId).ToDictionary(activity => activity.SpanId);
        var path = new List<Activity>();
        for (var step = trace.Values.FirstOrDefault(activity => activity.Kind == ActivityKind.Consumer); step is not null; step = trace.GetValueOrDefault(step.ParentSpanId))
        {
            path.Add(step);
        }

        return path;
    }
}
