namespace Poc.Campaigns.Input;

/// <summary>Why one row was not taken as it is.</summary>
/// <param name="Line">Line of the file on which the row begins, from 1, counting the header and line ends inside quotes; in Parquet the number of the row, from 1.</param>
/// <param name="Column">Name of the column, or "row" where the row as a whole is malformed.</param>
/// <param name="Reason">What is wrong, for a person who has the file open.</param>
public sealed record RowIssue(long Line, string Column, string Reason)
{
    /// <summary>The issue as one line of text.</summary>
    public override string ToString() => $"line {Line}, {(Column == RowReader.WholeRow ? Column : $"column {Column}")}: {Reason}";
}

/// <summary>What was wrong in a file: all of it counted, the first of it listed.</summary>
/// <param name="strict">Stop at the first bad row.</param>
public sealed class RowIssues(bool strict)
{
    /// <summary>How many issues are kept in full; later ones are only counted, so that a file of nothing but errors costs no memory.</summary>
    public const int Listed = 100;

    private readonly List<RowIssue> _first = [];

    /// <summary>How many rows were left out.</summary>
    public long Rejected { get; private set; }

    /// <summary>How many rows were taken with a reservation.</summary>
    public long Remarks { get; private set; }

    /// <summary>The first <see cref="Listed"/> issues in the order of the file.</summary>
    public IReadOnlyList<RowIssue> First => _first;

    /// <summary>Notes a row that is left out.</summary>
    /// <exception cref="InputException">Every row must be good.</exception>
    public void Reject(RowIssue issue)
    {
        Rejected++;
        Add(issue);
    }

    /// <summary>Notes a row that is taken, but not as it stands.</summary>
    /// <exception cref="InputException">Every row must be good.</exception>
    public void Remark(RowIssue issue)
    {
        Remarks++;
        Add(issue);
    }

    private void Add(RowIssue issue)
    {
        if (strict)
        {
            throw new InputException($"{issue} (every row must be good: --strict)");
        }

        if (_first.Count < Listed)
        {
            _first.Add(issue);
        }
    }
}
