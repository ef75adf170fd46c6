using Poc.Campaigns.Input;

namespace Poc.Campaigns.Shares;

/// <summary>Shares in memory: who shared which object with which content at what time, ids as numbers.</summary>
internal sealed class ShareTable
{
    /// <summary>The columns a file of shares has.</summary>
    public static readonly string[] Columns = ["object_id", "account_id", "content_id", "timestamp_share"];

    /// <summary>Stands in <see cref="Object"/> where there is none.</summary>
    public const int Missing = -1;

    /// <summary>What the peer calls a missing object where it makes a text of it.</summary>
    public const string MissingName = "NA";

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

    public TimeColumn Time { get; } = new();

    public ShareMark[] Mark { get; private set; } = new ShareMark[1024];

    /// <summary>Rows whose time looks like milliseconds.</summary>
    public int LateTimes { get; private set; }

    /// <summary>Reads all rows.</summary>
    /// <param name="reader">A file opened with <see cref="Columns"/>.</param>
    /// <param name="compatible">Take what readers of R take for "missing" as such (a bare NA), and keep a row without object for the count of its account.</param>
    /// <param name="progress">Told the share of the file that was read, 0 to 1.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InputException">The file cannot be read on.</exception>
    public static ShareTable Load(RowReader reader, bool compatible, IProgress<double>? progress, CancellationToken cancellation)
    {
        var table = new ShareTable();
        // One thread reads and checks, this one numbers what the other has read before.
        var (filled, spare) = (new ShareBatch(table, compatible), new ShareBatch(table, compatible));
        var more = filled.Fill(reader);
        while (more)
        {
            var (now, next) = (filled, spare);
            var filling = Task.Run(() => next.Fill(reader), CancellationToken.None);
            try
            {
                cancellation.ThrowIfCancellationRequested();
                table.Add(now);
                progress?.Report(now.Progress);
            }
            finally
            {
                // Also where this thread fails: the reader is closed by whoever opened it, and must not be in use then.
                Task.WaitAny([filling], CancellationToken.None);
            }

            more = filling.GetAwaiter().GetResult();
            (filled, spare) = (next, now);
        }

        progress?.Report(1);
        table.Objects.Seal();
        table.Accounts.Seal();
        table.Contents.Seal();
        table.GiveBack();
        return table;
    }

    /// <summary>A few shares with a bit of everything.</summary>
    public static ShareTable Example()
    {
        var table = new ShareTable();
        table.Add("o"u8, "first"u8, "a"u8, 0);
        table.Add("o"u8, "second"u8, "b"u8, 1);
        table.Add("o"u8, "first"u8, "c"u8, 2);
        table.Add("o"u8, "second"u8, "a"u8, 2);
        table.Add("0123456789abcdef"u8, "0123456789abcdef"u8, "c"u8, 7);
        table.Add("0123456789abcdef"u8, "first"u8, "0123456789abcdef"u8, 7);
        table.Add("0123456789abcdef"u8, "0123456789abcdef"u8, "d"u8, 8);
        return table;
    }

    /// <summary>What an object is called.</summary>
    public string NameOf(int number) => number == Missing ? MissingName : Objects.Text(number);

    /// <summary>After a step that leaves much behind, where the file is so large that it matters.</summary>
    public void GiveBack()
    {
        if (Count > 1_000_000)
        {
            IdPool.GiveBack();
        }
    }

    private void Add(ReadOnlySpan<byte> @object, ReadOnlySpan<byte> account, ReadOnlySpan<byte> content, long time)
    {
        (Object[Count], Account[Count], Content[Count]) = (Objects.Intern(@object), Accounts.Intern(account), Contents.Intern(content));
        Time.Set(Count++, time);
    }

    private void Add(ShareBatch batch)
    {
        Reserve(batch);
        for (var i = 0; i < batch.Count; i++)
        {
            var (mark, time, row) = (batch.Marks[i], batch.Times[i], Count + i);
            Object[row] = mark == ShareMark.NoObject ? Missing : Objects.Intern(batch.Id(i, 0, out var objectHash), objectHash);
            Account[row] = Accounts.Intern(batch.Id(i, 1, out var accountHash), accountHash);
            Content[row] = Contents.Intern(batch.Id(i, 2, out var contentHash), contentHash);
            Time.Set(row, time);
            Mark[row] = mark;
            LateTimes += time > Milliseconds ? 1 : 0;
        }

        Count += batch.Count;
    }

    /// <summary>Grows once to what the rest of the file will need: doubling would hold the old and the new arrays together.</summary>
    private void Reserve(ShareBatch batch)
    {
        var needed = Count + batch.Count;
        if (needed <= Object.Length)
        {
            return;
        }

        var expected = needed < 1 << 16 ? needed * 2L : (long)(needed / Math.Clamp(batch.Progress, 1e-6, 1) * 1.01) + 1024;
        var size = (int)Math.Clamp(expected, needed, Math.Min(Array.MaxLength, needed * 1000L));
        Object = Resized(Object, size);
        Account = Resized(Account, size);
        Content = Resized(Content, size);
        Time.Reserve(size, Count);
        Mark = Resized(Mark, size);
    }

    private T[] Resized<T>(T[] array, int size)
    {
        var larger = GC.AllocateUninitializedArray<T>(size);
        array.AsSpan(0, Count).CopyTo(larger);
        return larger;
    }
}

/// <summary>Times in four bytes each as long as they lie within 68 years of the first, in eight otherwise.</summary>
internal sealed class TimeColumn
{
    private int[] _near = new int[1024];
    private long[]? _far;
    private long _first;

    /// <summary>Seconds.</summary>
    public long this[int row] => _far is { } far ? far[row] : _first + _near[row];

    /// <summary>Sets the next row; the rows before must have been set.</summary>
    public void Set(int row, long time)
    {
        _first = row == 0 ? time : _first;
        if (_far is null && time - _first != (int)(time - _first))
        {
            _far = new long[_near.Length];
            for (var i = 0; i < row; i++)
            {
                _far[i] = _first + _near[i];
            }

            _near = [];
        }

        if (_far is { } far)
        {
            far[row] = time;
        }
        else
        {
            _near[row] = (int)(time - _first);
        }
    }

    /// <summary>Makes room.</summary>
    /// <param name="size">For so many rows.</param>
    /// <param name="used">Rows that are set.</param>
    public void Reserve(int size, int used)
    {
        if (_far is { } far)
        {
            _far = GC.AllocateUninitializedArray<long>(size);
            far.AsSpan(0, used).CopyTo(_far);
        }
        else
        {
            var near = _near;
            _near = GC.AllocateUninitializedArray<int>(size);
            near.AsSpan(0, used).CopyTo(_near);
        }
    }
}

/// <summary>Why a share cannot be part of a pair.</summary>
internal enum ShareMark : byte
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Its object is its own content; no pair where loops are removed.</summary>
    ObjectIsContent,

    /// <summary>It has no object; a pair, with others that have none, only where loops are kept as the peer keeps them.</summary>
    NoObject,
}
