using System.Runtime.CompilerServices;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Shares;

/// <summary>Pairs of shares of one object within the time window; the older first.</summary>
internal sealed class SharePairs
{
    /// <summary>More pairs than this are refused: a window that joins nearly everything with everything finds nothing, and takes the memory of the machine.</summary>
    public const int Most = 100_000_000;

    /// <summary>How many pairs there are.</summary>
    public int Count { get; private set; }

    /// <summary>Row of the older share; at the same time, the one that comes first.</summary>
    public int[] Older { get; private set; } = new int[1024];

    /// <summary>Row of the newer share.</summary>
    public int[] Newer { get; private set; } = new int[1024];

    /// <summary>Which pairs belong to the fast network; null without a fast window.</summary>
    public bool[]? Fast { get; private set; }

    /// <summary>Finds all pairs.</summary>
    /// <exception cref="InputException">There are more than <see cref="Most"/>.</exception>
    public static SharePairs Find(ShareTable table, ShareGroups groups, ShareOptions options, CancellationToken cancellation)
    {
        var pairs = new SharePairs();
        pairs.FindWithin(table, groups, options, cancellation);
        pairs.Filter(table, ParticipationFilter.For(table, groups, options));
        if (options.FastWindow is { } fast)
        {
            pairs.MarkFast(table, groups, options, fast);
        }

        return pairs;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Filter(ShareTable table, ParticipationFilter filter)
    {
        var older = Older.AsSpan(0, Count);
        var newer = Newer.AsSpan(0, Count);
        filter.Prepare(older, newer);
        var columns = PairColumns.Of(table, filter, older, newer);
        filter.Apply(columns);
        Count = columns.Count;
        for (var pair = 0; pair < Count; pair++)
        {
            (Older[pair], Newer[pair]) = (Older[columns.Origin![pair]], Newer[columns.Origin[pair]]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindWithin(ShareTable table, ShareGroups groups, ShareOptions options, CancellationToken cancellation)
    {
        var window = new WindowScan();
        for (var group = 0; group < groups.Count; group++)
        {
            var rows = groups.Rows.AsSpan(groups.Starts[group], groups.Starts[group + 1] - groups.Starts[group]);
            if (rows.Length > 10_000)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            window.Sort(table.Time, rows);
            foreach (var pair in window.FindPairs(table, rows, options, Most - Count))
            {
                Add(table, rows[(int)pair], rows[(int)(pair >> 32)], options.Mode);
            }
        }
    }

    /// <summary>Adds a pair of which the first comes first in the peer's order.</summary>
    private void Add(ShareTable table, int first, int second, ShareMode mode)
    {
        if (Count == Older.Length)
        {
            var size = (int)Math.Min(Most, Count * 2L);
            var (older, newer) = (Older, Newer);
            Array.Resize(ref older, size);
            Array.Resize(ref newer, size);
            (Older, Newer) = (older, newer);
        }

        var swap = table.Time[first] > table.Time[second]
            || (mode == ShareMode.Corrected && table.Time[first] == table.Time[second] && ComesAfter(table, first, second));
        Older[Count] = swap ? second : first;
        Newer[Count++] = swap ? first : second;
    }

    /// <summary>At the same second neither is older: the corrected mode lets the bytes of the ids decide, so that the order of the rows in the file does not matter.</summary>
    private static bool ComesAfter(ShareTable table, int first, int second)
    {
        var byAccount = table.Accounts.Get(table.Account[first]).AsSpan().SequenceCompareTo(table.Accounts.Get(table.Account[second]));
        return byAccount != 0 ? byAccount > 0 : table.Contents.Get(table.Content[first]).AsSpan().SequenceCompareTo(table.Contents.Get(table.Content[second])) > 0;
    }

    private void MarkFast(ShareTable table, ShareGroups groups, ShareOptions options, long window)
    {
        var fast = new bool[Count];
        var (older, newer, origin) = (new int[Count], new int[Count], new int[Count]);
        var count = 0;
        for (var pair = 0; pair < Count; pair++)
        {
            if (table.Time[Newer[pair]] - table.Time[Older[pair]] <= window)
            {
                (older[count], newer[count], origin[count]) = (Older[pair], Newer[pair], pair);
                count++;
            }
        }

        var filter = ParticipationFilter.For(table, options.Mode == ShareMode.Compat ? null : groups, options);
        filter.Prepare(older.AsSpan(0, count), newer.AsSpan(0, count));
        var columns = PairColumns.Of(table, filter, older.AsSpan(0, count), newer.AsSpan(0, count));
        filter.Apply(columns);
        var kept = columns.Origin.AsSpan(0, columns.Count);
        Fast = fast;
        if (options.Mode == ShareMode.Corrected)
        {
            foreach (var pair in kept)
            {
                fast[origin[pair]] = true;
            }

            return;
        }

        // The peer joins on the two contents alone: the same two contents on another object are marked with them. And the join leaves the table sorted by contents.
        var marked = new HashSet<(int, int)>();
        foreach (var pair in kept)
        {
            marked.Add((table.Content[older[pair]], table.Content[newer[pair]]));
        }

        for (var pair = 0; pair < Count; pair++)
        {
            fast[pair] = marked.Contains((table.Content[Older[pair]], table.Content[Newer[pair]]));
        }

        SortByContents(table);
    }

    private void SortByContents(ShareTable table)
    {
        var contents = new HashSet<int>();
        for (var pair = 0; pair < Count; pair++)
        {
            contents.Add(table.Content[Older[pair]]);
            contents.Add(table.Content[Newer[pair]]);
        }

        var ranks = table.Contents.Ranks(contents.ToArray());
        var order = new int[Count];
        var keys = new (int, int, int)[Count];
        for (var pair = 0; pair < Count; pair++)
        {
            keys[pair] = (ranks[table.Content[Older[pair]]], ranks[table.Content[Newer[pair]]], pair);
            order[pair] = pair;
        }

        Array.Sort(keys, order);
        Older = Array.ConvertAll(order, pair => Older[pair]);
        Newer = Array.ConvertAll(order, pair => Newer[pair]);
        Fast = Array.ConvertAll(order, pair => Fast![pair]);
    }
}
