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
    internal sealed record OfAccount(int Account, double? Delta, double? FastDelta, double? Symmetry, double? FastSymmetry, int Shares);

    /// <summary>Accounts in the order of their bytes.</summary>
    public static List<OfAccount> Accounts(ShareNetwork network, SharePairs pairs, ShareOptions options)
    {
        var table = network.Table;
        var edges = Edges(network, options).ToList();
        // First ends of all edges, then second ends, as the peer lines them up; by account, in arrays: there may be hundreds of thousands.
        var ends = new List<(int Account, ShareEdge Edge)>(edges.Count * 2);
        ends.AddRange(edges.Select(edge => (edge.From, edge)));
        ends.AddRange(edges.Where(edge => edge.To != edge.From).Select(edge => (edge.To, edge)));
        var starts = new int[table.Accounts.Count + 1];
        foreach (var (account, _) in ends)
        {
            starts[account + 1]++;
        }

        for (var account = 0; account < table.Accounts.Count; account++)
        {
            starts[account + 1] += starts[account];
        }

        var sorted = new ShareEdge[ends.Count];
        var next = starts.AsSpan().ToArray();
        foreach (var (account, edge) in ends)
        {
            sorted[next[account]++] = edge;
        }

        var shares = Shares(table, pairs, options);
        var accounts = Enumerable.Range(0, table.Accounts.Count).Where(account => starts[account + 1] > starts[account] && shares[account] > 0).ToArray();
        var ranks = table.Accounts.Ranks(accounts);
        Array.Sort(accounts, (a, b) => ranks[a].CompareTo(ranks[b]));
        var statistics = new List<OfAccount>(accounts.Length);
        foreach (var account in accounts)
        {
            var rows = sorted[starts[account]..starts[account + 1]].Select(edge => (Delta: edge.Full.AverageDelta, FastDelta: edge.Fast?.AverageDelta, edge.Full.Symmetry, FastSymmetry: edge.Fast?.Symmetry));
            // The peer drops equal rows of an account before it averages.
            var own = (options.Mode == ShareMode.Compat ? rows.Distinct() : rows).ToArray();
            statistics.Add(new(account, Mean(own.Select(row => (double?)row.Delta)), Mean(own.Select(row => row.FastDelta)),
                Mean(own.Select(row => (double?)row.Symmetry)), Mean(own.Select(row => row.FastSymmetry)), shares[account]));
        }

        return statistics;
    }

    /// <summary>Objects with how many accounts share them, most first.</summary>
    public static List<(string Object, int Accounts)> Objects(ShareNetwork network, ShareOptions options)
    {
        var accounts = new Dictionary<string, HashSet<int>>(StringComparer.Ordinal);
        var order = new List<string>();
        var names = new Dictionary<int, string[]>();
        foreach (var edge in Edges(network, options))
        {
            foreach (var number in (options.Statistics == StatisticsScope.Fast ? edge.Fast?.Objects : edge.Full.Objects) ?? [])
            {
                if (!names.TryGetValue(number, out var parts))
                {
                    names.Add(number, parts = Names(network.Table.Objects.Text(number), options.Mode));
                }

                foreach (var name in parts)
                {
                    if (!accounts.TryGetValue(name, out var of))
                    {
                        accounts.Add(name, of = []);
                        order.Add(name);
                    }

                    of.Add(edge.From);
                    if (options.Mode == ShareMode.Corrected)
                    {
                        of.Add(edge.To);
                    }
                }
            }
        }

        return [.. order.Select(name => (name, accounts[name].Count)).OrderByDescending(pair => pair.Count)];
    }

    /// <summary>The peer keeps the objects of an edge as one text and splits it at commas again, also at those inside an id.</summary>
    private static string[] Names(string text, ShareMode mode)
    {
        if (mode == ShareMode.Corrected || !text.Contains(','))
        {
            return [text];
        }

        // As R's strsplit: nothing follows a separator at the very end.
        var parts = text.Split(',');
        return parts[^1].Length == 0 ? parts[..^1] : parts;
    }

    private static IEnumerable<ShareEdge> Edges(ShareNetwork network, ShareOptions options) => options.Statistics switch
    {
        StatisticsScope.Full => network.Edges.Where(edge => edge.Heavy),
        StatisticsScope.Fast => network.Edges.Where(edge => edge.HeavyFast == true),
        _ => network.Edges,
    };

    /// <summary>Different contents of each account in the pairs, by account.</summary>
    private static int[] Shares(ShareTable table, SharePairs pairs, ShareOptions options)
    {
        var contents = new List<long>(pairs.Count * 2);
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            if (options.Statistics != StatisticsScope.Fast || pairs.Fast![pair])
            {
                contents.Add(Key(pairs.Older[pair]));
                contents.Add(Key(pairs.Newer[pair]));
            }
        }

        contents.Sort();
        var shares = new int[table.Accounts.Count];
        for (var i = 0; i < contents.Count; i++)
        {
            shares[contents[i] >> 32] += i == 0 || contents[i] != contents[i - 1] ? 1 : 0;
        }

        return shares;

        long Key(int row) => ((long)table.Account[row] << 32) | (uint)table.Content[row];
    }

    /// <summary>Mean of those that are there, rounded once (sums as Neumaier 1974), because R sums in more than double precision.</summary>
    private static double? Mean(IEnumerable<double?> values)
    {
        var (sum, lost, count) = (0.0, 0.0, 0);
        foreach (var value in values)
        {
            if (value is { } number)
            {
                var next = sum + number;
                lost += Math.Abs(sum) >= Math.Abs(number) ? sum - next + number : number - next + sum;
                sum = next;
                count++;
            }
        }

        if (count == 0)
        {
            return null;
        }

        // What the division of the rounded sum leaves over, and what the summing lost, together decide the last bit.
        var quotient = sum / count;
        return quotient + ((Math.FusedMultiplyAdd(-quotient, count, sum) + lost) / count);
    }
}
