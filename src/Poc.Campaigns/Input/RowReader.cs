using System.Text;

namespace Poc.Campaigns.Input;

/// <summary>
/// Reads a table row by row, in memory that does not grow with the file. The wanted columns are found by name, in any order; further columns are ignored. A row that is
/// malformed is noted in <see cref="Issues"/> and passed over.
/// </summary>
public abstract class RowReader : IDisposable
{
    /// <summary>In a <see cref="RowIssue"/>: not one column but the row is malformed.</summary>
    public const string WholeRow = "row";

    private readonly string[] _columns;

    private protected RowReader(IReadOnlyList<string> columns, bool strict)
    {
        _columns = [.. columns];
        Issues = new RowIssues(strict);
    }

    /// <summary>What was wrong with rows so far.</summary>
    public RowIssues Issues { get; }

    /// <summary>Rows handed out so far.</summary>
    public long Rows { get; private protected set; }

    /// <summary>Line on which the current row begins, from 1; in Parquet the number of the row.</summary>
    public long Line { get; private protected set; }

    /// <summary>Share of the file that has been read, 0 to 1.</summary>
    public abstract double Progress { get; }

    /// <summary>The names of the columns asked for, in the order in which they were asked for.</summary>
    protected IReadOnlyList<string> Columns => _columns;

    /// <summary>Opens a CSV or, by its first bytes, a Parquet file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Columns that must be there; <see cref="Field"/> counts them in this order.</param>
    /// <param name="strict">Stop at the first bad row, with an exception that names it.</param>
    /// <exception cref="InputException">Not a table that can be read, or a column is missing.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static RowReader Open(string path, IReadOnlyList<string> columns, bool strict = false) =>
        ParquetRowReader.Recognises(path) ? ParquetRowReader.Open(path, columns, strict) : CsvRowReader.Open(path, columns, strict);

    /// <summary>Goes to the next well-formed row; false at the end of the file.</summary>
    /// <exception cref="InputException">The file breaks off, or a row is bad and every row must be good.</exception>
    public abstract bool Read();

    /// <summary>A field of the current row as UTF-8, without quotes, valid until the next <see cref="Read"/>.</summary>
    /// <param name="column">Its place in the columns that were asked for.</param>
    public abstract ReadOnlySpan<byte> Field(int column);

    /// <summary>A field of the current row as text.</summary>
    /// <param name="column">Its place in the columns that were asked for.</param>
    public string Text(int column) => Encoding.UTF8.GetString(Field(column));

    /// <summary>Whether the current row has no value there: nothing between the delimiters (an empty pair of quotes is an empty value), or null in Parquet.</summary>
    public abstract bool IsMissing(int column);

    /// <summary>Whether the field stood in quotes, so that what it says is text in any case.</summary>
    public abstract bool IsQuoted(int column);

    /// <summary>Says that the current row cannot be used because of one column.</summary>
    /// <exception cref="InputException">Every row must be good.</exception>
    public void Reject(int column, string reason)
    {
        Rows--;
        Issues.Reject(new(Line, _columns[column], reason));
    }

    /// <summary>Says that the current row is used, but not as it stands, because of one column.</summary>
    /// <exception cref="InputException">Every row must be good.</exception>
    public void Remark(int column, string reason) => Issues.Remark(new(Line, _columns[column], reason));

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    protected abstract void Dispose(bool disposing);
}
