using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Poc.Bus;

/// <summary>Traces and metrics of this project.</summary>
public static class BusTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "Poc.Bus";

    internal static readonly ActivitySource Activities = new(Name);
}

/// <summary>What the relay saw last, as gauges: rows waiting, age of the oldest, rows in quarantine, events parked before a gap.</summary>
internal sealed class OutboxMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _published;
    private readonly Counter<long> _failed;
    private Sample _last = new(0, 0, 0, 0, 0);

    public OutboxMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(BusTelemetry.Name);
        _published = _meter.CreateCounter<long>("poc.outbox.published", "{event}", "Events the broker confirmed.");
        _failed = _meter.CreateCounter<long>("poc.outbox.failed", "{attempt}", "Attempts at which the broker did not confirm in time.");
        _meter.CreateObservableGauge("poc.outbox.size", () => _last.Size, "{event}", "Events that wait for the bus, those in quarantine included.");
        _meter.CreateObservableGauge("poc.outbox.age", () => _last.AgeSeconds, "s", "Age of the oldest event that waits and is not in quarantine.");
        _meter.CreateObservableGauge("poc.outbox.quarantined", () => _last.Quarantined, "{event}", "Events that cannot be published until somebody mends them; later events of their aggregates wait behind them.");
        _meter.CreateObservableGauge("poc.inbox.parked", () => _last.Parked, "{event}", "Events that wait for their predecessor.");
        _meter.CreateObservableGauge("poc.inbox.parked.age", () => _last.ParkedAgeSeconds, "s", "Age of the oldest event that waits for its predecessor.");
    }

    public void Published(int events) => _published.Add(events);

    public void Failed(int attempts) => _failed.Add(attempts);

    public void Show(Sample sample) => _last = sample;

    public void Dispose() => _meter.Dispose();

    internal sealed record Sample(long Size, double AgeSeconds, long Quarantined, long Parked, double ParkedAgeSeconds);
}
