using System.Diagnostics.Metrics;

namespace Poc.StatementArchive.TimeStamps;

/// <summary>How far the log is stamped, and what became of requests, each with the authority's name.</summary>
public sealed class StampMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private IReadOnlyList<StampState> _last = [];

    /// <summary>Makes the instruments.</summary>
    public StampMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Poc.StatementArchive");
        _requests = _meter.CreateCounter<long>("poc.archive.log.timestamp.requests", "{request}", "Time-stamps asked for; outcome is granted or failed.");
        _meter.CreateObservableGauge(
            "poc.archive.log.unstamped.age", () => _last.Select(state => new Measurement<double>(state.UnstampedAge.TotalSeconds, Tag(state.Authority))), "s",
            "Age of the oldest checkpoint that is larger than any the authority stamped; 0 when it stamped the newest. Shown by the replica that asks for stamps.");
        _meter.CreateObservableGauge(
            "poc.archive.log.stamped.size", () => _last.Select(state => new Measurement<long>(state.Size, Tag(state.Authority))), "{entry}", "Size of the largest tree that the authority stamped.");
    }

    internal void Asked(string authority, bool isGranted) => _requests.Add(1, Tag(authority), new KeyValuePair<string, object?>("outcome", isGranted ? "granted" : "failed"));

    internal void Show(IReadOnlyList<StampState> states) => _last = states;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string authority) => new("authority", authority);
}
