using System.Text;

namespace Poc.Campaigns.Requests.Files;

/// <summary>One record of a CSV file: its fields, the line it begins on (from 1) and where it lies in the file.</summary>
internal readonly record struct CsvRow(IReadOnlyList<string> Fields, long Line, long Offset, string? Error);

/// <summary>
/// Reads CSV as RFC 4180 describes it, in UTF-8, one record at a time: quoted fields may hold commas, quotes and line breaks; lines end in LF or CRLF. A record that cannot be read
/// comes with its error, and reading goes on with the next line.
/// </summary>
internal sealed class CsvRows(Stream stream)
{
    /// <summary>A record beyond this is an error: what one row can cost is bounded.</summary>
    internal const int MaximumRecord = 4 * 1024 * 1024;

    private readonly byte[] buffer = new byte[128 * 1024];
    private readonly List<byte> field = [];
    private int at;
    private int filled;
    private long offset;
    private long line = 1;
    private bool begun;

    /// <summary>Goes on from a record's offset.</summary>
    internal void Seek(long to)
    {
        stream.Seek(to, SeekOrigin.Begin);
        (offset, at, filled, begun) = (to, 0, 0, true);
    }

    /// <summary>The next record, or null at the end. Empty lines are skipped.</summary>
    internal CsvRow? Read()
    {
        if (!begun)
        {
            begun = true;
            if (Peek() == 0xEF)
            {
                // A byte order mark, as spreadsheets write it.
                Next();
                Next();
                Next();
            }
        }

        while (Peek() is '\n' or '\r')
        {
            Next();
        }

        return Peek() < 0 ? null : Record();
    }

    private CsvRow Record()
    {
        var (startLine, start) = (line, offset);
        var fields = new List<string>(8);
        string? error = null;
        while (true)
        {
            error ??= Field(fields.Count + 1, start);
            fields.Add(Take(ref error, fields.Count + 1));
            var end = Next();
            if (end == ',' && error is null)
            {
                continue;
            }

            if (error is not null)
            {
                while (end is >= 0 and not '\n')
                {
                    end = Next();
                }
            }

            if (end == '\r' && Peek() == '\n')
            {
                Next();
            }

            return new CsvRow(fields, startLine, start, error);
        }
    }

    private string? Field(int column, long start)
    {
        if (Peek() != '"')
        {
            while (Peek() is >= 0 and not (',' or '\n' or '\r'))
            {
                field.Add((byte)Next());
                if (offset - start > MaximumRecord)
                {
                    return $"column {column}: the record is larger than {MaximumRecord} bytes";
                }
            }

            return null;
        }

        Next();
        while (true)
        {
            var next = Next();
            if (next < 0)
            {
                return $"column {column}: a quoted field is not closed";
            }

            if (next == '"')
            {
                if (Peek() != '"')
                {
                    return Peek() is < 0 or ',' or '\n' or '\r' ? null : $"column {column}: text follows a closing quotation mark";
                }

                Next();
            }

            field.Add((byte)next);
            if (offset - start > MaximumRecord)
            {
                return $"column {column}: the record is larger than {MaximumRecord} bytes";
            }
        }
    }

    private string Take(ref string? error, int column)
    {
        try
        {
            return Strict.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(field));
        }
        catch (DecoderFallbackException)
        {
            error ??= $"column {column}: not valid UTF-8";
            return "";
        }
        finally
        {
            field.Clear();
        }
    }

    private static UTF8Encoding Strict { get; } = new(false, throwOnInvalidBytes: true);

    private int Peek()
    {
        if (at == filled)
        {
            (at, filled) = (0, stream.Read(buffer));
        }

        return at == filled ? -1 : buffer[at];
    }

    private int Next()
    {
        var next = Peek();
        if (next >= 0)
        {
            at++;
            offset++;
            line += next == '\n' ? 1 : 0;
        }

        return next;
    }
}
