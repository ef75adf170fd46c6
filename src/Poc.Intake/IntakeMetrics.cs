using System.Diagnostics.Metrics;
using Poc.Contracts.Intake.V1;

namespace Poc.Intake;

/// <summary>What Intake counts; meter <c>Poc.Intake</c>. No attribute names a partner or a person.</summary>
internal sealed class IntakeMetrics
{
    private readonly Counter<long> _received;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _unknown;
    private readonly Histogram<int> _group;

    public IntakeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Poc.Intake");
        _received = meter.CreateCounter<long>("poc.intake.requests.received", "{request}", "Submissions acknowledged, repetitions included.");
        _refused = meter.CreateCounter<long>("poc.intake.quota.refused", "{call}", "Calls refused for quota.");
        _unknown = meter.CreateCounter<long>("poc.intake.credentials.unknown", "{call}", "Calls with a key or certificate that is nobody's.");
        _group = meter.CreateHistogram<int>("poc.intake.group_commit.size", "{request}", "Submissions stored in one transaction.");
    }

    /// <summary>A submission is answered.</summary>
    public void Received(RequestKind kind) => _received.Add(1, new KeyValuePair<string, object?>("kind", EnumText<RequestKind>.Of(kind)));

    /// <summary>A call was over quota.</summary>
    public void Refused() => _refused.Add(1);

    /// <summary>A call came with a credential that is nobody's.</summary>
    public void UnknownCredential() => _unknown.Add(1);

    /// <summary>A group is committed.</summary>
    public void Stored(int count) => _group.Record(count);
}
