using System.Diagnostics.Metrics;

namespace Poc.StatementArchive.Witnesses;

/// <summary>How far the witnesses have followed, as gauges with the witness's name; shown by the replica that sends to them.</summary>
public sealed class WitnessMetrics : IDisposable
{
    private readonly Meter _meter;
    private IReadOnlyList<(string Name, WitnessState State)> _last = [];

    /// <summary>Makes the instruments.</summary>
    public WitnessMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Poc.StatementArchive");
        _meter.CreateObservableGauge(
            "poc.archive.log.unwitnessed.age", () => Each(state => state.UnwitnessedAge.TotalSeconds), "s",
            "Age of the oldest checkpoint that is larger than any the witness cosigned; 0 when it cosigned the newest.");
        _meter.CreateObservableGauge("poc.archive.log.witnessed.size", () => Each(state => state.Size), "{entry}", "Size of the largest checkpoint that the witness cosigned.");
        _meter.CreateObservableGauge("poc.archive.log.witness.alarm", () => Each(state => state.Alarm is null ? 0 : 1), "{alarm}", "1 while the witness knows another log under our name.");
    }

    internal void Show(IReadOnlyList<(string Name, WitnessState State)> states) => _last = states;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Each(Func<WitnessState, double> value)
        => _last.Select(witness => new Measurement<double>(value(witness.State), new KeyValuePair<string, object?>("witness", witness.Name)));
}
