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
        var expected = Math.Min(60, _rows.Max(static row => row.Expected.Length));
        var answered = Math.Min(60, _rows.Max(static row => row.Answered.Length));
        yield return Row("", "expected", "answered", "agreed");
        yield return new string('─', what + expected + answered + 14);
        foreach (var group in _rows.GroupBy(static row => row.Group))
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
