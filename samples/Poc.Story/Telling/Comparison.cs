namespace Poc.Story.Telling;

/// <summary>Whether an answer is the expected one.</summary>
internal enum Agreement
{
    /// <summary>It is.</summary>
    Agreed,

    /// <summary>It is not.</summary>
    Differs,

    /// <summary>It could not be asked in this run, because the record was beyond that point when the run began.</summary>
    NotAsked,
}

/// <summary>The table at the end: what the data files lead one to expect beside what the services answered.</summary>
internal sealed class Comparison
{
    // Longer values go on lines of their own.
    private const int Widest = 44;

    // The order of the groups in the table, by the beginning of their names: some outcomes are compared while the story is still being told.
    private static readonly string[] s_order = ["Requests", "Statements", "Review:", "Blind voting", "Refusals", "Log", "Designations", "Register", "Deliveries:", "Inbox:"];

    private readonly List<(string Group, string What, string Expected, string Answered, Agreement Agreement)> _rows = [];

    public int Agreed => Count(Agreement.Agreed);

    public int Different => Count(Agreement.Differs);

    public int NotAsked => Count(Agreement.NotAsked);

    /// <summary>Compares; both sides are shown as text and compared as such.</summary>
    public void Add<T>(string group, string what, T expected, T answered) where T : notnull
    {
        var (left, right) = ($"{expected}", $"{answered}");
        _rows.Add((group, what, left, right, left == right ? Agreement.Agreed : Agreement.Differs));
    }

    /// <summary>Notes what this run could not ask.</summary>
    public void AddNotAsked(string group, string what, string expected, string why) => _rows.Add((group, what, expected, why, Agreement.NotAsked));

    public IEnumerable<string> Lines()
    {
        var what = _rows.Max(static row => row.What.Length);
        var expected = Math.Min(Widest, _rows.Max(static row => row.Expected.Length));
        var answered = Math.Min(Widest, _rows.Max(static row => row.Answered.Length));
        yield return Row("", "expected", "answered", "agreed");
        yield return new string('─', what + expected + answered + 14);
        foreach (var group in _rows.GroupBy(static row => row.Group).OrderBy(static group => Array.FindIndex(s_order, name => group.Key.StartsWith(name, StringComparison.Ordinal))))
        {
            yield return group.Key;
            foreach (var row in group)
            {
                // Long values, such as a designation's history, take lines of their own, so that nothing is cut off.
                if (row.Expected.Length > expected || row.Answered.Length > answered)
                {
                    yield return $"  {row.What}";
                    yield return $"    expected  {row.Expected}";
                    yield return $"    answered  {row.Answered}  {Mark(row.Agreement)}";
                }
                else
                {
                    yield return Row(row.What, row.Expected, row.Answered, Mark(row.Agreement));
                }
            }
        }

        string Row(string first, string second, string third, string mark) => $"  {first.PadRight(what)}  {second.PadRight(expected)}  {third.PadRight(answered)}  {mark}".TrimEnd();
    }

    private static string Mark(Agreement agreement) => agreement switch
    {
        Agreement.Agreed => "✓",
        Agreement.Differs => "✗",
        _ => "·",
    };

    private int Count(Agreement agreement) => _rows.Count(row => row.Agreement == agreement);
}
