using System.Globalization;
using System.Text;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Shares;

/// <summary>Shares in memory: who shared which object with which content at what time, ids as numbers.</summary>
internal sealed class ShareTable
{
    /// <summary>The columns a file of shares has.</summary>
    public static readonly string[] Columns = ["object_id", "account_id", "content_id", "timestamp_share"];

    /// <summary>Times are whole seconds that a double holds exactly, as the peer computes with doubles.</summary>
    public const long LatestTime = 1L << 53;

    // Later than the year 5000: whoever writes that meant milliseconds.
    private const long Milliseconds = 100_000_000_000;

    public IdPool Objects { get; } = new();

    public IdPool Accounts { get; } = new();

    public IdPool Contents { get; } = new();

    public int Count { get; private set; }

    public int[] Object { get; private set; } = new int[1024];

    public int[] Account { get; private set; } = new int[1024];

    public int[] Content { get; private set; } = new int[1024];

    public long[] Time { get; private set; } = new long[1024];

    public ShareMark[] Mark { get; private set; } = new ShareMark[1024];

    /// <summary>Rows whose time looks like milliseconds.</summary>
    public int LateTimes { get; private set; }

    /// <summary>Reads all rows.</summary>
    /// <param name="reader">A file opened with <see cref="Columns"/>.</param>
    /// <param name="compatible">Take what readers of R take for "missing" as such (a bare NA), and keep a row without object for the count of its account.</param>
    /// <param name="progress">Told the share of the file that was read, 0 to 1.</param>
    /// <exception cref="InputException">The file cannot be read on.</exception>
    public static ShareTable Load(RowReader reader, bool compatible, IProgress<double>? progress, CancellationToken cancellation)
    {
        var table = new ShareTable();
        while (reader.Read())
        {
            table.Take(reader, compatible);
            if ((reader.Rows & 0xFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(reader.Progress);
                table.Reserve(reader);
            }
        }

        progress?.Report(1);
        table.Objects.Seal();
        table.Accounts.Seal();
        table.Contents.Seal();
        table.GiveBack();
        return table;
    }

    /// <summary>After a step that leaves much behind, where the file is so large that it matters.</summary>
    public void GiveBack()
    {
        if (Count > 1_000_000)
        {
            IdPool.GiveBack();
        }
    }

    private static bool Missing(RowReader reader, int column, bool compatible) =>
        reader.Field(column).IsEmpty || (compatible && !reader.IsQuoted(column) && reader.Field(column).SequenceEqual("NA"u8));

    private static bool TryTime(ReadOnlySpan<byte> field, out long time, out string wrong)
    {
        wrong = "";
        field = field.Trim((byte)' ');
        if (long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out time))
        {
            wrong = time is <= LatestTime and >= -LatestTime ? "" : $"{time} is out of range (±2^53 seconds)";
        }
        else if (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            // Programs that hold times as floating point write 1623881091.0 or 1.6e+09.
            time = (long)number;
            wrong = Math.Abs(number) > LatestTime ? $"{Shown(field)} is out of range (±2^53 seconds)" : number != Math.Floor(number) ? $"{Shown(field)} is not a whole number of seconds" : "";
        }
        else
        {
            wrong = field.IsEmpty ? "empty" : $"\"{Shown(field)}\" is not a number of seconds";
        }

        return wrong.Length == 0;
    }

    private static string Shown(ReadOnlySpan<byte> field)
    {
        var text = Encoding.UTF8.GetString(field[..Math.Min(field.Length, 40)]);
        return field.Length > 40 ? text + "…" : text;
    }

    private void Take(RowReader reader, bool compatible)
    {
        if (Missing(reader, 1, compatible) || Missing(reader, 2, compatible))
        {
            reader.Reject(Missing(reader, 1, compatible) ? 1 : 2, "empty");
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
        if (Missing(reader, 0, compatible))
        {
            if (!compatible)
            {
                reader.Reject(0, "empty");
                return;
            }

            reader.Remark(0, "empty: the row counts for the participation of its account and is paired with nothing");
            mark = ShareMark.NoObject;
        }
        else if (reader.Field(0).SequenceEqual(reader.Field(2)))
        {
            mark = ShareMark.ObjectIsContent;
        }

        if (Count == Object.Length)
        {
            Resize(Count * 2);
        }

        Object[Count] = mark == ShareMark.NoObject ? -1 : Objects.Intern(reader.Field(0));
        Account[Count] = Accounts.Intern(reader.Field(1));
        Content[Count] = Contents.Intern(reader.Field(2));
        Time[Count] = time;
        Mark[Count] = mark;
        LateTimes += time > Milliseconds ? 1 : 0;
        Count++;
    }

    /// <summary>Grows once to what the rest of the file will need: doubling would hold the old and the new arrays together.</summary>
    private void Reserve(RowReader reader)
    {
        var expected = (long)(Count / Math.Max(1e-6, reader.Progress) * 1.02) + 1024;
        if (Object.Length < expected && expected <= Array.MaxLength && Object.Length - Count < 0x20000)
        {
            Resize((int)expected);
        }
    }

    private void Resize(int size)
    {
        size = Math.Max(size, Count + 1);
        Object = Resized(Object, size);
        Account = Resized(Account, size);
        Content = Resized(Content, size);
        Time = Resized(Time, size);
        Mark = Resized(Mark, size);
    }

    private T[] Resized<T>(T[] array, int size)
    {
        var larger = GC.AllocateUninitializedArray<T>(size);
        array.AsSpan(0, Count).CopyTo(larger);
        return larger;
    }
}

/// <summary>Why a share cannot be part of a pair.</summary>
internal enum ShareMark : byte
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Its object is its own content; no pair where loops are removed.</summary>
    ObjectIsContent,

    /// <summary>It has no object.</summary>
    NoObject,
}
