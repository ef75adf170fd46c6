using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace Poc.Campaigns.Input;

/// <summary>
/// CSV as RFC 4180 has it: commas, fields in double quotes where they hold commas, quotes (doubled) or line ends; LF or CRLF; UTF-8 with or without a byte order mark; a
/// header. Empty lines are passed over. After a malformed row reading goes on at the next line.
/// </summary>
internal sealed class CsvRowReader : RowReader
{
    /// <summary>Longest row in bytes. A quote that is never closed would otherwise take the whole file for one field.</summary>
    internal const int MaxRowBytes = 16 * 1024 * 1024;

    private static readonly string TooLong = $"longer than {MaxRowBytes} bytes";
    private static readonly SearchValues<byte> Special = SearchValues.Create(",\"\n"u8);

    private readonly SafeFileHandle _file;
    private readonly long _length;
    private byte[] _buffer = new byte[1 << 18];
    private int _start;
    private int _end;
    private long _offset;
    private bool _atEnd;
    private bool _skipping;
    private long _nextLine = 1;
    private (int Start, int Length, bool Quoted)[] _fields = new (int, int, bool)[16];
    private byte[] _unescaped = new byte[256];
    private int _unescapedLength;
    private int[] _places = [];
    private int _width;

    private CsvRowReader(SafeFileHandle file, IReadOnlyList<string> columns, bool strict)
        : base(columns, strict)
    {
        _file = file;
        _length = RandomAccess.GetLength(file);
    }

    public override double Progress => _length == 0 ? 1 : Math.Min(1, (double)(_offset - (_end - _start)) / _length);

    internal static new CsvRowReader Open(string path, IReadOnlyList<string> columns, bool strict)
    {
        var reader = new CsvRowReader(File.OpenHandle(path, options: FileOptions.SequentialScan), columns, strict);
        try
        {
            reader.ReadHeader();
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    public override ReadOnlySpan<byte> Field(int column)
    {
        var (start, length, _) = _fields[_places[column]];
        return start >= 0 ? _buffer.AsSpan(start, length) : _unescaped.AsSpan(~start, length);
    }

    public override bool IsMissing(int column) => _fields[_places[column]] is { Length: 0, Quoted: false };

    public override bool IsQuoted(int column) => _fields[_places[column]].Quoted;

    public override bool Read()
    {
        while (true)
        {
            if (_start == _end && !Fill())
            {
                return false;
            }

            if (_skipping)
            {
                SkipToLineEnd();
                continue;
            }

            Line = _nextLine;
            var parsed = Parse(out var count, out var next, out var lines, out var wrong);
            if (parsed == Outcome.Partial)
            {
                // The row goes on behind what is in memory: get more and look at it again from its beginning.
                Fill();
                continue;
            }

            var row = _buffer.AsSpan(_start, next - _start);
            _start = next;
            _nextLine += lines;
            if (parsed == Outcome.Malformed)
            {
                Issues.Reject(new(Line, WholeRow, wrong));
            }
            else if (count == 1 && _fields[0] is { Length: 0, Quoted: false })
            {
                continue;
            }
            else if (_width != 0 && count != _width)
            {
                Issues.Reject(new(Line, WholeRow, $"{count} fields where the header has {_width}"));
            }
            else if (!Utf8.IsValid(row))
            {
                Issues.Reject(new(Line, InvalidColumn(), "not valid UTF-8"));
            }
            else
            {
                _width = count;
                Rows++;
                return true;
            }
        }
    }

    protected override void Dispose(bool disposing) => _file.Dispose();

    private void ReadHeader()
    {
        Fill();
        var first = _buffer.AsSpan(_start, _end - _start);
        if (first.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || first.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            throw new InputException("The file is UTF-16: save it as UTF-8.");
        }

        if (first.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            _start += 3;
        }

        if (!Read())
        {
            throw new InputException(Issues.Rejected == 0 ? "The file is empty: it needs a header and rows." : $"The header cannot be read: {Issues.First[0]}");
        }

        if (Issues.Rejected > 0)
        {
            throw new InputException($"The header cannot be read: {Issues.First[0]}");
        }

        Rows = 0;
        var names = Enumerable.Range(0, _width).Select(NameAt).ToArray();
        // As it is written; where nothing is written so, in other case.
        _places = [.. Columns.Select(column => Array.IndexOf(names, column) is >= 0 and var place ? place : Array.FindIndex(names, name => name.Equals(column, StringComparison.OrdinalIgnoreCase)))];
        var missing = Columns.Where((_, index) => _places[index] < 0).ToArray();
        if (missing.Length > 0)
        {
            var tip = _width == 1 && names[0].AsSpan().ContainsAny(';', '\t') ? " Fields are separated by commas." : "";
            throw new InputException($"No column {string.Join(", ", missing)}: the header has {string.Join(", ", names)}.{tip}");
        }

        if (Columns.FirstOrDefault(column => names.Count(name => name == column) > 1) is { } twice)
        {
            throw new InputException($"The header has the column {twice} more than once.");
        }
    }

    private string NameAt(int place)
    {
        var (start, length, _) = _fields[place];
        return Encoding.UTF8.GetString(start >= 0 ? _buffer.AsSpan(start, length) : _unescaped.AsSpan(~start, length)).Trim();
    }

    private string InvalidColumn()
    {
        for (var column = 0; column < _places.Length; column++)
        {
            if (!Utf8.IsValid(Field(column)))
            {
                return Columns[column];
            }
        }

        return WholeRow;
    }

    private enum Outcome
    {
        Whole,
        Partial,
        Malformed,
    }

    /// <summary>Splits the row at <see cref="_start"/> into fields; moves nothing, so that a row of which only a part is in memory can be tried again.</summary>
    private Outcome Parse(out int count, out int next, out int lines, out string wrong)
    {
        var position = _start;
        count = 0;
        lines = 0;
        wrong = "";
        _unescapedLength = 0;
        while (true)
        {
            if (count == _fields.Length)
            {
                Array.Resize(ref _fields, count * 2);
            }

            if (position < _end && _buffer[position] == '"')
            {
                var quoted = ParseQuoted(ref position, ref lines, ref _fields[count++], ref wrong);
                if (quoted != Outcome.Whole)
                {
                    next = position;
                    return quoted == Outcome.Partial && !More() ? Malformed(_atEnd ? "a quoted field is never closed" : TooLong, ref lines, out next, out wrong)
                        : quoted == Outcome.Malformed ? Malformed(wrong, ref lines, out next, out wrong) : quoted;
                }
            }
            else
            {
                var length = _buffer.AsSpan(position, _end - position).IndexOfAny(Special);
                if (length < 0)
                {
                    if (More())
                    {
                        next = position;
                        return Outcome.Partial;
                    }

                    length = _end - position;
                    if (!_atEnd)
                    {
                        return Malformed(TooLong, ref lines, out next, out wrong);
                    }
                }

                _fields[count++] = (position, length, false);
                position += length;
                if (position < _end && _buffer[position] == '"')
                {
                    return Malformed("a quote inside a field that does not begin with one", ref lines, out next, out wrong);
                }
            }

            if (position == _end)
            {
                if (!_atEnd)
                {
                    next = position;
                    return More() ? Outcome.Partial : Malformed(TooLong, ref lines, out next, out wrong);
                }

                next = position;
                return Outcome.Whole;
            }

            if (_buffer[position++] == '\n')
            {
                ref var last = ref _fields[count - 1];
                if (!last.Quoted && last.Length > 0 && _buffer[last.Start + last.Length - 1] == '\r')
                {
                    last.Length--;
                }

                lines++;
                next = position;
                return Outcome.Whole;
            }
        }
    }

    /// <summary>One field in quotes; afterwards <paramref name="position"/> is at the comma or line feed behind it.</summary>
    private Outcome ParseQuoted(ref int position, ref int lines, ref (int Start, int Length, bool Quoted) field, ref string wrong)
    {
        var from = position + 1;
        var escapes = false;
        var at = from;
        while (true)
        {
            var length = _buffer.AsSpan(at, _end - at).IndexOf((byte)'"');
            if (length < 0)
            {
                return Outcome.Partial;
            }

            at += length + 1;
            if (at == _end && !_atEnd)
            {
                return Outcome.Partial;
            }

            if (at == _end || _buffer[at] != '"')
            {
                break;
            }

            escapes = true;
            at++;
        }

        var content = _buffer.AsSpan(from, at - 1 - from);
        lines += content.Count((byte)'\n');
        field = escapes ? (~Unescape(content, out var unescaped), unescaped, true) : (from, content.Length, true);
        if (at + 1 == _end && _buffer[at] == '\r' && !_atEnd)
        {
            return Outcome.Partial;
        }

        if (at < _end && _buffer[at] == '\r' && (at + 1 == _end || _buffer[at + 1] == '\n'))
        {
            at++;
        }

        position = at;
        if (at == _end || _buffer[at] is (byte)',' or (byte)'\n')
        {
            return Outcome.Whole;
        }

        wrong = "text behind the closing quote of a field";
        return Outcome.Malformed;
    }

    private int Unescape(ReadOnlySpan<byte> content, out int length)
    {
        var start = _unescapedLength;
        if (_unescaped.Length < start + content.Length)
        {
            Array.Resize(ref _unescaped, Math.Max(_unescaped.Length * 2, start + content.Length));
        }

        for (var i = 0; i < content.Length; i++)
        {
            _unescaped[_unescapedLength++] = content[i];
            if (content[i] == '"')
            {
                i++;
            }
        }

        length = _unescapedLength - start;
        return start;
    }

    /// <summary>Whether more of the current row can still be brought into memory.</summary>
    private bool More() => !_atEnd && _end - _start < MaxRowBytes;

    /// <summary>Gives the row up at the end of its first line, so that one stray quote costs one row and not the rest of the file.</summary>
    private Outcome Malformed(string reason, ref int lines, out int next, out string wrong)
    {
        wrong = reason;
        var line = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (line < 0 && More())
        {
            next = _end;
            return Outcome.Partial;
        }

        _skipping = line < 0;
        lines = line < 0 ? 0 : 1;
        next = line < 0 ? _end : _start + line + 1;
        return Outcome.Malformed;
    }

    private void SkipToLineEnd()
    {
        var line = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        _skipping = line < 0;
        _nextLine += line < 0 ? 0 : 1;
        _start = line < 0 ? _end : _start + line + 1;
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, MaxRowBytes + 1));
        }

        var read = RandomAccess.Read(_file, _buffer.AsSpan(_end), _offset);
        _offset += read;
        _end += read;
        _atEnd |= read == 0;
        return _end > _start;
    }
}
