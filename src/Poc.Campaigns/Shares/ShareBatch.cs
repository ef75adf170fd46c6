using System.Globalization;
using System.Text;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Shares;

/// <summary>
/// Some rows of a file, checked, their ids packed and hashed: what can be done without knowing the rows before. While one batch is filled another can be numbered.
/// </summary>
internal sealed class ShareBatch(ShareTable table, bool compatible)
{
    private const int Rows = 4096;

    private readonly (int Start, int Length, uint Hash)[] _ids = new (int, int, uint)[Rows * 3];
    private readonly long[] _times = new long[Rows];
    private readonly ShareMark[] _marks = new ShareMark[Rows];
    private byte[] _packed = new byte[Rows * 64];
    private int _used;

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>Share of the file that was read, 0 to 1.</summary>
    public double Progress { get; private set; }

    public ReadOnlySpan<long> Times => _times;

    public ReadOnlySpan<ShareMark> Marks => _marks;

    /// <summary>An id, packed, and its hash.</summary>
    /// <param name="row">Row of the batch.</param>
    /// <param name="column">0 object, 1 account, 2 content.</param>
    /// <param name="hash">Its hash in the pool of its column.</param>
    public ReadOnlySpan<byte> Id(int row, int column, out uint hash)
    {
        (var start, var length, hash) = _ids[(row * 3) + column];
        return _packed.AsSpan(start, length);
    }

    /// <summary>Takes the next rows; false where there are none.</summary>
    /// <exception cref="InputException">The file cannot be read on.</exception>
    public bool Fill(RowReader reader)
    {
        (Count, _used) = (0, 0);
        while (Count < Rows && reader.Read())
        {
            Take(reader);
        }

        Progress = reader.Progress;
        return Count > 0;
    }

    private void Take(RowReader reader)
    {
        if (Missing(reader, 1) || Missing(reader, 2))
        {
            reader.Reject(Missing(reader, 1) ? 1 : 2, "empty");
            return;
        }

        for (var column = 0; column < 3; column++)
        {
            if (reader.Field(column).Length > IdPool.LongestId)
            {
                reader.Reject(column, $"longer than {IdPool.LongestId} bytes");
                return;
            }
        }

        if (!TryTime(reader.Field(3), out var time, out var wrong))
        {
            reader.Reject(3, wrong);
            return;
        }

        var mark = ShareMark.None;
        if (Missing(reader, 0))
        {
            if (!compatible)
            {
                reader.Reject(0, "empty");
                return;
            }

            reader.Remark(0, "empty: the row counts for the participation of its account and is paired with no row that has one");
            mark = ShareMark.NoObject;
        }
        else
        {
            Add(0, reader.Field(0), table.Objects);
            mark = reader.Field(0).SequenceEqual(reader.Field(2)) ? ShareMark.ObjectIsContent : ShareMark.None;
        }

        Add(1, reader.Field(1), table.Accounts);
        Add(2, reader.Field(2), table.Contents);
        _times[Count] = time;
        _marks[Count++] = mark;
    }

    private void Add(int column, ReadOnlySpan<byte> id, IdPool pool)
    {
        var most = IdPool.PackedLength(id.Length);
        if (_packed.Length - _used < most)
        {
            Array.Resize(ref _packed, Math.Max(_packed.Length * 2, _used + most));
        }

        var length = IdPool.Pack(id, _packed.AsSpan(_used));
        _ids[(Count * 3) + column] = (_used, length, pool.Hash(_packed.AsSpan(_used, length)));
        _used += length;
    }

    private bool Missing(RowReader reader, int column) =>
        reader.Field(column).IsEmpty || (compatible && !reader.IsQuoted(column) && reader.Field(column).SequenceEqual("NA"u8));

    private static bool TryTime(ReadOnlySpan<byte> field, out long time, out string wrong)
    {
        wrong = "";
        if (IsPlain(field, out time))
        {
            return true;
        }

        field = field.Trim((byte)' ');
        if (long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out time))
        {
            wrong = time is <= ShareTable.LatestTime and >= -ShareTable.LatestTime ? "" : $"{time} is out of range (±2^53 seconds)";
        }
        else if (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            // Programs that hold times as floating point write 1623881091.0 or 1.6e+09.
            time = (long)number;
            wrong = Math.Abs(number) > ShareTable.LatestTime ? $"{Shown(field)} is out of range (±2^53 seconds)" : number != Math.Floor(number) ? $"{Shown(field)} is not a whole number of seconds" : "";
        }
        else
        {
            wrong = field.IsEmpty ? "empty" : $"\"{Shown(field)}\" is not a number of seconds";
        }

        return wrong.Length == 0;
    }

    /// <summary>The times of nearly all files: up to 15 digits and nothing else.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> field, out long time)
    {
        time = 0;
        foreach (var digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            time = (time * 10) + (digit - '0');
        }

        return field.Length is > 0 and <= 15;
    }

    private static string Shown(ReadOnlySpan<byte> field)
    {
        var text = Encoding.UTF8.GetString(field[..Math.Min(field.Length, 40)]);
        return field.Length > 40 ? text + "…" : text;
    }
}
