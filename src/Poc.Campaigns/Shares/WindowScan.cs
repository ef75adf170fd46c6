using System.Runtime.CompilerServices;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Shares;

/// <summary>Sorts the shares of one object by time and finds those within the window of each other; keeps its arrays from object to object.</summary>
internal sealed class WindowScan
{
    private const int PlaceBits = 20;

    private long[] _keys = new long[64];
    private long[] _times = new long[64];
    private int[] _places = new int[64];
    private long[] _found = new long[64];

    /// <summary>Times in order, relative to the first.</summary>
    public ReadOnlySpan<long> Times => _times;

    /// <summary>For each of <see cref="Times"/> the place among the rows that were sorted.</summary>
    public ReadOnlySpan<int> Places => _places;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sort(TimeColumn time, ReadOnlySpan<int> rows)
    {
        if (_keys.Length < rows.Length)
        {
            var size = Math.Max(rows.Length, _keys.Length * 2);
            (_keys, _times, _places) = (new long[size], new long[size], new int[size]);
        }

        var (earliest, latest) = (long.MaxValue, long.MinValue);
        foreach (var row in rows)
        {
            var at = time[row];
            earliest = Math.Min(earliest, at);
            latest = Math.Max(latest, at);
        }

        // Time and place fit into one number nearly always; sorting numbers alone is several times faster than sorting two arrays.
        if (rows.Length <= 1 << PlaceBits && latest - earliest < 1L << (62 - PlaceBits))
        {
            for (var i = 0; i < rows.Length; i++)
            {
                _keys[i] = ((time[rows[i]] - earliest) << PlaceBits) | (uint)i;
            }

            Order(_keys.AsSpan(0, rows.Length));
            for (var i = 0; i < rows.Length; i++)
            {
                _times[i] = _keys[i] >> PlaceBits;
                _places[i] = (int)_keys[i] & ((1 << PlaceBits) - 1);
            }
        }
        else
        {
            for (var i = 0; i < rows.Length; i++)
            {
                _times[i] = time[rows[i]] - earliest;
                _places[i] = i;
            }

            _times.AsSpan(0, rows.Length).Sort(_places.AsSpan(0, rows.Length));
        }
    }

    /// <summary>The pairs among the rows just sorted, in the peer's order: by the place of the one that comes later among the rows, then of the other.</summary>
    /// <returns>Later place in the upper, earlier place in the lower half; valid until the next call.</returns>
    /// <exception cref="InputException">There are more than allowed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ReadOnlySpan<long> FindPairs(ShareTable table, ReadOnlySpan<int> rows, ShareOptions options, int most)
    {
        var count = 0;
        var from = 0;
        for (var to = 1; to < rows.Length; to++)
        {
            while (_times[to] - _times[from] > options.TimeWindow)
            {
                from++;
            }

            for (var other = from; other < to; other++)
            {
                var (a, b) = (_places[other], _places[to]);
                if (!CanPair(table, rows[a], rows[b], options))
                {
                    continue;
                }

                if (count == _found.Length)
                {
                    Array.Resize(ref _found, count * 2);
                }

                _found[count++] = a < b ? ((long)b << 32) | (uint)a : ((long)a << 32) | (uint)b;
                if (count > most)
                {
                    throw new InputException($"More than {SharePairs.Most} pairs lie within {options.TimeWindow} seconds: choose a narrower window.");
                }
            }
        }

        var found = _found.AsSpan(0, count);
        Order(found);
        return found;
    }

    /// <summary>Sorts; nearly all objects have so few shares that nothing is faster than inserting.</summary>
    private static void Order(Span<long> keys)
    {
        if (keys.Length > 24)
        {
            keys.Sort();
            return;
        }

        for (var i = 1; i < keys.Length; i++)
        {
            var key = keys[i];
            var at = i;
            for (; at > 0 && keys[at - 1] > key; at--)
            {
                keys[at] = keys[at - 1];
            }

            keys[at] = key;
        }
    }

    /// <summary>Whether two shares of an object can be a pair, whatever their times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanPair(ShareTable table, int a, int b, ShareOptions options) =>
        !options.RemoveLoops
        || (table.Account[a] != table.Account[b] && table.Content[a] != table.Content[b]
            && (options.Mode == ShareMode.Corrected || (table.Mark[a] | table.Mark[b]) != ShareMark.ObjectIsContent));
}
