using System.Diagnostics.Metrics;

namespace Poc.StatementArchive.Audits;

/// <summary>How far the audit is, shown by the replica that does it.</summary>
public sealed class AuditMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _checked;
    private (int Findings, double? AgeSeconds)? _last;

    /// <summary>Makes the instruments.</summary>
    public AuditMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Poc.StatementArchive");
        _checked = _meter.CreateCounter<long>("poc.archive.audit.checked", "{item}", "Things that the audit has read again, by the step they belong to.");
        _meter.CreateObservableGauge("poc.archive.audit.findings", () => Shown(last => last.Findings), "{finding}", "What the audit that runs, or was the last, found to be otherwise than logged.");
        _meter.CreateObservableGauge("poc.archive.audit.age", () => Shown(last => last.AgeSeconds), "s", "Time since the last audit came to its end.");
    }

    internal void Checked(string step, long things) => _checked.Add(things, new KeyValuePair<string, object?>("step", step));

    internal void Show(int findings, TimeSpan? age) => _last = (findings, age?.TotalSeconds);

    internal void Hide() => _last = null;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Shown(Func<(int Findings, double? AgeSeconds), double?> value)
        => _last is { } last && value(last) is { } shown ? [new Measurement<double>(shown)] : [];
}
