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
    private readonly List<string> _notChecked = [];
    private readonly List<Failure> _failures = [];
    private bool _isAuthentic = true;
    private long _more;

    /// <summary>Nothing contradicts anything. That alone can be true of something that anybody made.</summary>
    public bool IsConsistent => _checked.Count > 0 && _failures.Count == 0;

    /// <summary>Consistent, and by keys that whoever asked trusts.</summary>
    public bool IsVerified => IsConsistent && _isAuthentic;

    public IReadOnlyList<Failure> Failures => _failures;

    public void Checked(string what) => _checked.Add(what);

    /// <summary>Something that could not be checked, and that whoever reads the result must know of.</summary>
    public void NotChecked(string what) => _notChecked.Add(what);

    /// <summary>Only keys were at hand that came with what they are to vouch for: the result cannot be "verified" any more.</summary>
    public void NotAuthentic(string why)
    {
        _isAuthentic = false;
        NotChecked(why);
    }

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
            output.WriteLine(JsonSerializer.Serialize(new { Verified = IsVerified, Consistent = IsConsistent, Checked = _checked, NotChecked = _notChecked, Failures = _failures, MoreFailures = _more }, _json));
            return;
        }

        foreach (var what in _checked)
        {
            output.WriteLine($"checked: {Plain(what)}");
        }

        foreach (var failure in _failures)
        {
            output.WriteLine($"failed: {JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.Reason.ToString())}: {Plain(failure.Subject)}: {Plain(failure.Detail)}");
        }

        foreach (var what in _notChecked)
        {
            output.WriteLine($"NOT checked: {Plain(what)}");
        }

        output.WriteLine(this switch
        {
            { IsVerified: true } => "verified",
            { IsConsistent: true } => "NOT verified: nothing contradicts itself, but anybody could have made it",
            { _more: > 0 } => $"NOT verified ({_more} more failures)",
            _ => "NOT verified",
        });
    }
    // What stands in a file that somebody made may hold what moves a terminal's cursor.
    private static string Plain(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? '\uFFFD' : c));
}
