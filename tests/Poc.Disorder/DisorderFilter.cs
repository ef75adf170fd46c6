using MassTransit;

namespace Poc.Disorder;

/// <summary>Holds each message of a queue back by chance while others pass, and hands some over twice.</summary>
internal sealed class DisorderFilter(string queue, int seed, bool forgets, HandOverLog log) : IFilter<ConsumeContext>
{
    private long _arrivals;
    private long _newestSent;

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var arrival = Interlocked.Increment(ref _arrivals);
        var chance = Chance.Of(seed, queue, arrival);
        await Task.Delay(chance.Delay, TimeProvider.System, context.CancellationToken);
        var sent = context.SentTime?.Ticks ?? 0;
        var newest = Interlocked.Read(ref _newestSent);
        while (sent > newest && Interlocked.CompareExchange(ref _newestSent, sent, newest) != newest)
        {
            newest = Interlocked.Read(ref _newestSent);
        }

        var isForgotten = forgets && sent < newest;
        log.Write(queue, arrival, chance, isForgotten);
        if (isForgotten)
        {
            return;
        }

        await next.Send(context);
        if (chance.Twice)
        {
            await next.Send(context);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("disorder");
}
