using System.Text.Json;
using System.Text.Json.Serialization;

namespace Poc.Verify;

/// <summary>One thing that is not as it should be.</summary>
/// <param name="Reason">Which of the closed set.</param>
/// <param name="Subject">The file, or part of it.</param>
/// <param name="Detail">For people.</param>
internal sealed record Failure(Reason Reason, string Subject, string Detail);

/// <summary>What ends a verification at once.</summary>
internal sealed class RefusedException(Reason reason, string subject, string detail) : Exception(detail)
{
    public Failure Failure { get; } = new(reason, subject, detail);
}

/// <summary>What was checked and what was found wrong. Nothing is verified unless something was checked and nothing was wrong.</summary>
internal sealed class Report
{
    // A wholly broken input repeats itself; what follows is only counted.
    private const int MaxFailures = 1_000;
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        WriteIndented = true,
    };

    private readonly List<string> _checked = [];
    private readonly List<Failure> _failures = [];
    private long _more;

    public bool IsVerified => _checked.Count > 0 && _failures.Count == 0;

    public IReadOnlyList<Failure> Failures => _failures;

    public void Checked(string what) => _checked.Add(what);

    public void Fail(Reason reason, string subject, string detail) => Fail(new Failure(reason, subject, detail));

    public void Fail(Failure failure)
    {
        if (_failures.Count < MaxFailures)
        {
            _failures.Add(failure);
        }
        else
        {
            _more++;
        }
    }

    public void Write(TextWriter output, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(new { Verified = IsVerified, Checked = _checked, Failures = _failures, MoreFailures = _more }, _json));
            return;
        }

        foreach (var what in _checked)
        {
            output.WriteLine($"checked: {what}");
        }

        foreach (var failure in _failures)
        {
            output.WriteLine($"failed: {JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.Reason.ToString())}: {failure.Subject}: {failure.Detail}");
        }

        output.WriteLine(IsVerified ? "verified" : _more > 0 ? $"NOT verified ({_more} more failures)" : "NOT verified");
    }
}
