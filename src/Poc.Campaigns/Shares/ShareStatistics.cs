using System.Runtime.CompilerServices;

namespace Poc.Campaigns.Shares;

/// <summary>Statistics of the accounts and of the objects of a network.</summary>
internal static class ShareStatistics
{
    /// <summary>One account.</summary>
    /// <param name="Account">Its number.</param>
    /// <param name="Delta">Mean of the mean seconds of its edges; null where it has none.</param>
    /// <param name="FastDelta">The same of its fast edges.</param>
    /// <param name="Symmetry">Mean symmetry of its edges.</param>
    /// <param name="FastSymmetry">The same of its fast edges.</param>
    /// <param name="Shares">Different contents of it in all pairs.</param>
    internal readonly record struct OfAccount(int Account, double? Delta, double? FastDelta, double? Symmetry, double? FastSymmetry, int Shares);

    /// <summary>What one edge adds to the statistics of an account.</summary>
    private readonly record struct Row(double Delta, double? FastDelta, double Symmetry, double? FastSymmetry);

    /// <summary>Accounts in the order of their bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static List<OfAccount> Accounts(ShareNetwork network, SharePairs pairs, ShareOptions options)
    {
        var table = network.Table;
        var (starts, edges) = EdgesByAccount(network, options);
        var shares = Shares(table, pairs, options);
        var statistics = new List<OfAccount>(network.Accounts.Length);
        var rows = new List<Row>();
        foreach (var account in network.InOrder)
        {
            var own = edges.AsSpan(starts[account], starts[account + 1] - starts[account]);
            if (own.IsEmpty || shares[account] == 0)
            {
                continue;
            }

            rows.Clear();
            foreach (var edge in own)
            {
                rows.Add(RowOf(network, in network.Edges[edge]));
            }

            if (options.Mode == ShareMode.Compat)
            {
                DropRepeated(rows);
            }

            statistics.Add(Of(account, shares[account], rows));
        }

        return statistics;
    }

    /// <summary>Objects with how many accounts share them, most first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static List<(string Object, int Accounts)> Objects(ShareNetwork network, ShareOptions options)
    {
        var names = new ObjectNames(network.Table, options.Mode);
        var accounts = new List<long>();
        foreach (ref readonly var edge in network.Edges.AsSpan())
        {
            if (!Counts(in edge, options) || (options.Statistics == StatisticsScope.Fast ? network.Fast(in edge) : edge.Full) is not { } contribution)
            {
                continue;
            }

            foreach (var number in network.Objects(in contribution))
            {
                foreach (var name in names.Of(number))
                {
                    accounts.Add(((long)name << 32) | (uint)edge.From);
                    if (options.Mode == ShareMode.Corrected)
                    {
                        accounts.Add(((long)name << 32) | (uint)edge.To);
                    }
                }
            }
        }

        accounts.Sort();
        var counts = new int[names.Count];
        for (var i = 0; i < accounts.Count; i++)
        {
            counts[accounts[i] >> 32] += i == 0 || accounts[i] != accounts[i - 1] ? 1 : 0;
        }

        // Most first; of equal ones the one met first.
        var order = new long[counts.Length];
        for (var name = 0; name < order.Length; name++)
        {
            order[name] = ((long)~counts[name] << 32) | (uint)name;
        }

        Array.Sort(order);
        var objects = new List<(string, int)>(order.Length);
        foreach (var name in order)
        {
            objects.Add((names[(int)name], counts[(int)name]));
        }

        return objects;
    }

    private static bool Counts(in ShareEdge edge, ShareOptions options) => options.Statistics switch
    {
        StatisticsScope.Full => edge.Heavy,
        StatisticsScope.Fast => edge.HeavyFast == true,
        _ => true,
    };

    /// <summary>Edges of each account: those of which it is the first end, then those of which it is the second, as the peer lines them up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int[] Starts, int[] Edges) EdgesByAccount(ShareNetwork network, ShareOptions options)
    {
        var edges = network.Edges;
        var starts = new int[network.Table.Accounts.Count + 1];
        var firstEnds = new int[network.Table.Accounts.Count];
        foreach (ref readonly var edge in edges.AsSpan())
        {
            if (Counts(in edge, options))
            {
                firstEnds[edge.From]++;
                starts[edge.From + 1]++;
                starts[edge.To + 1] += edge.To == edge.From ? 0 : 1;
            }
        }

        for (var account = 1; account < starts.Length; account++)
        {
            starts[account] += starts[account - 1];
        }

        // Where the next edge of each account goes: at its first end, and then, behind these, at its second.
        var (sorted, second, first) = (new int[starts[^1]], firstEnds, starts.AsSpan(0, firstEnds.Length).ToArray());
        for (var account = 0; account < second.Length; account++)
        {
            second[account] += starts[account];
        }

        for (var i = 0; i < edges.Length; i++)
        {
            if (Counts(in edges[i], options))
            {
                sorted[first[edges[i].From]++] = i;
                if (edges[i].To != edges[i].From)
                {
                    sorted[second[edges[i].To]++] = i;
                }
            }
        }

        return (starts, sorted);
    }

    private static Row RowOf(ShareNetwork network, in ShareEdge edge)
    {
        var fast = network.Fast(in edge);
        return new(edge.Full.AverageDelta, fast?.AverageDelta, edge.Full.Symmetry, fast?.Symmetry);
    }

    /// <summary>The peer drops equal rows of an account before it averages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DropRepeated(List<Row> rows)
    {
        if (rows.Count > 48)
        {
            var seen = new HashSet<Row>();
            rows.RemoveAll(row => !seen.Add(row));
            return;
        }

        var kept = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var before = 0;
            while (before < kept && !rows[before].Equals(rows[i]))
            {
                before++;
            }

            rows[kept] = rows[i];
            kept += before == kept ? 1 : 0;
        }

        rows.RemoveRange(kept, rows.Count - kept);
    }

    private static OfAccount Of(int account, int shares, List<Row> rows)
    {
        var (delta, fastDelta, symmetry, fastSymmetry) = (new MeanSum(), new MeanSum(), new MeanSum(), new MeanSum());
        foreach (var row in rows)
        {
            delta.Add(row.Delta);
            fastDelta.Add(row.FastDelta);
            symmetry.Add(row.Symmetry);
            fastSymmetry.Add(row.FastSymmetry);
        }

        return new(account, delta.Mean, fastDelta.Mean, symmetry.Mean, fastSymmetry.Mean, shares);
    }

    /// <summary>Different contents of each account in the pairs, by account.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] Shares(ShareTable table, SharePairs pairs, ShareOptions options)
    {
        var contents = new long[pairs.Count * 2];
        var count = 0;
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            if (options.Statistics != StatisticsScope.Fast || pairs.Fast![pair])
            {
                contents[count++] = Key(pairs.Older[pair]);
                contents[count++] = Key(pairs.Newer[pair]);
            }
        }

        contents.AsSpan(0, count).Sort();
        var shares = new int[table.Accounts.Count];
        for (var i = 0; i < count; i++)
        {
            shares[contents[i] >> 32] += i == 0 || contents[i] != contents[i - 1] ? 1 : 0;
        }

        return shares;

        long Key(int row) => ((long)table.Account[row] << 32) | (uint)table.Content[row];
    }

    /// <summary>
    /// The names that objects are counted under, numbered as they are met. The peer keeps the objects of an edge as one text and splits it at commas again, also at those inside an
    /// id: in compat an object with commas has several names, and may share them with others.
    /// </summary>
    private sealed class ObjectNames(ShareTable table, ShareMode mode)
    {
        // The last one is that of no object.
        private readonly int[][] _namesOf = new int[table.Objects.Count + 1][];
        private readonly List<string> _names = [];
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

        public int Count => _names.Count;

        public string this[int number] => _names[number];

        public ReadOnlySpan<int> Of(int number) => _namesOf[number == ShareTable.Missing ? ^1 : number] ??= Array.ConvertAll(Parts(table.NameOf(number)), NumberOf);

        private int NumberOf(string name)
        {
            if (!_numbers.TryGetValue(name, out var number))
            {
                _numbers.Add(name, number = _names.Count);
                _names.Add(name);
            }

            return number;
        }

        private string[] Parts(string text)
        {
            if (mode == ShareMode.Corrected || !text.Contains(','))
            {
                return [text];
            }

            // As R's strsplit: nothing follows a separator at the very end.
            var parts = text.Split(',');
            return parts[^1].Length == 0 ? parts[..^1] : parts;
        }
    }

    /// <summary>Mean of what is there, rounded once (sums as Neumaier 1974), because R sums in more than double precision.</summary>
    private struct MeanSum
    {
        private double _sum;
        private double _lost;
        private int _count;

        public void Add(double? value)
        {
            if (value is { } number)
            {
                var next = _sum + number;
                _lost += Math.Abs(_sum) >= Math.Abs(number) ? _sum - next + number : number - next + _sum;
                _sum = next;
                _count++;
            }
        }

        /// <summary>Null where nothing was there.</summary>
        public readonly double? Mean
        {
            get
            {
                if (_count == 0)
                {
                    return null;
                }

                // What the division of the rounded sum leaves over, and what the summing lost, together decide the last bit.
                var quotient = _sum / _count;
                return quotient + ((Math.FusedMultiplyAdd(-quotient, _count, _sum) + _lost) / _count);
            }
        }
    }
}
