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
        var rows = new Dictionary<int, List<(double Delta, double? FastDelta, double Symmetry, double? FastSymmetry)>>();
        foreach (var edge in edges)
        {
            Add(edge.From, edge);
        }

        foreach (var edge in edges.Where(edge => edge.To != edge.From))
        {
            Add(edge.To, edge);
        }

        var shares = Shares(table, pairs, options);
        var accounts = rows.Keys.ToArray();
        var ranks = table.Accounts.Ranks(accounts);
        var statistics = new List<OfAccount>(accounts.Length);
        foreach (var account in accounts.OrderBy(account => ranks[account]).Where(shares.ContainsKey))
        {
            // The peer drops equal rows of an account before it averages.
            var own = options.Mode == ShareMode.Compat ? [.. rows[account].Distinct()] : rows[account];
            statistics.Add(new(account, Mean(own.Select(row => (double?)row.Delta)), Mean(own.Select(row => row.FastDelta)),
                Mean(own.Select(row => (double?)row.Symmetry)), Mean(own.Select(row => row.FastSymmetry)), shares[account]));
        }

        return statistics;

        void Add(int account, ShareEdge edge)
        {
            if (!rows.TryGetValue(account, out var own))
            {
                rows.Add(account, own = []);
            }

            own.Add((edge.Full.AverageDelta, edge.Fast?.AverageDelta, edge.Full.Symmetry, edge.Fast?.Symmetry));
        }
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

    private static Dictionary<int, int> Shares(ShareTable table, SharePairs pairs, ShareOptions options)
    {
        var contents = new HashSet<(int Account, int Content)>();
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            if (options.Statistics != StatisticsScope.Fast || pairs.Fast![pair])
            {
                contents.Add((table.Account[pairs.Older[pair]], table.Content[pairs.Older[pair]]));
                contents.Add((table.Account[pairs.Newer[pair]], table.Content[pairs.Newer[pair]]));
            }
        }

        var shares = new Dictionary<int, int>();
        foreach (var (account, _) in contents)
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(shares, account, out _)++;
        }

        return shares;
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
