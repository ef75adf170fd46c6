namespace Poc.Campaigns.Shares;

/// <summary>Accounts, connected where they share the same within the window of each other.</summary>
internal sealed class ShareNetwork
{
    private ShareNetwork(ShareTable table, int[] accounts, List<ShareEdge> edges)
    {
        Table = table;
        Accounts = accounts;
        Edges = edges;
    }

    public ShareTable Table { get; }

    /// <summary>Accounts of the network in the order of its vertices.</summary>
    public int[] Accounts { get; private set; }

    /// <summary>Edges, in the order in which their first pair was found.</summary>
    public List<ShareEdge> Edges { get; private set; }

    /// <summary>Weight that a heavy edge is above; NaN where there are no edges.</summary>
    public double Threshold { get; private set; } = double.NaN;

    /// <summary>The same among the fast edges.</summary>
    public double FastThreshold { get; private set; } = double.NaN;

    /// <summary>Accounts with a heavy fast edge, where the subgraph also holds their neighbours; otherwise null.</summary>
    public HashSet<int>? Core { get; private set; }

    public static ShareNetwork Of(ShareTable table, SharePairs pairs, ShareOptions options)
    {
        var ranks = Ranks(table, pairs);
        var edges = Aggregate(table, pairs, ranks, options.Mode);
        var vertices = options.Mode == ShareMode.Compat ? Orient(table, edges, pairs.Fast is not null) : Sorted(edges, ranks);
        var network = new ShareNetwork(table, vertices, edges);
        network.MarkHeavy(options);
        network.Reduce(options);
        return network;
    }

    private static int[] Ranks(ShareTable table, SharePairs pairs)
    {
        var present = new bool[table.Accounts.Count];
        var accounts = new List<int>();
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            foreach (var account in (ReadOnlySpan<int>)[table.Account[pairs.Older[pair]], table.Account[pairs.Newer[pair]]])
            {
                if (!present[account])
                {
                    present[account] = true;
                    accounts.Add(account);
                }
            }
        }

        return table.Accounts.Ranks([.. accounts]);
    }

    private static List<ShareEdge> Aggregate(ShareTable table, SharePairs pairs, int[] ranks, ShareMode mode)
    {
        // Which edge each pair belongs to; then the pairs, edge after edge.
        var byEnds = new Dictionary<(int, int), int>(Math.Min(pairs.Count, 1 << 20));
        var edges = new List<ShareEdge>();
        var edgeOf = new int[pairs.Count];
        var sizes = new List<int>();
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            var (one, other) = (table.Account[pairs.Older[pair]], table.Account[pairs.Newer[pair]]);
            var ends = ranks[one] <= ranks[other] ? (one, other) : (other, one);
            if (!byEnds.TryGetValue(ends, out var edge))
            {
                byEnds.Add(ends, edge = edges.Count);
                edges.Add(new() { From = ends.Item1, To = ends.Item2 });
                sizes.Add(0);
            }

            edgeOf[pair] = edge;
            sizes[edge]++;
        }

        var starts = new int[edges.Count + 1];
        for (var edge = 0; edge < edges.Count; edge++)
        {
            starts[edge + 1] = starts[edge] + sizes[edge];
            sizes[edge] = starts[edge];
        }

        var sorted = new int[pairs.Count];
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            sorted[sizes[edgeOf[pair]]++] = pair;
        }

        for (var edge = 0; edge < edges.Count; edge++)
        {
            var own = sorted.AsSpan(starts[edge], starts[edge + 1] - starts[edge]);
            edges[edge].Full = Contribution.Of(table, pairs, own, edges[edge].From, mode, fastOnly: false)!;
            edges[edge].Fast = pairs.Fast is null ? null : Contribution.Of(table, pairs, own, edges[edge].From, mode, fastOnly: true);
        }

        return edges;
    }

    /// <summary>
    /// Vertices in the peer's order: first ends of all edges by first appearance, then second ends that are no first ends. As an undirected edge is read back, its end with the
    /// smaller vertex number comes first, whatever the ids.
    /// </summary>
    private static int[] Orient(ShareTable table, List<ShareEdge> edges, bool united)
    {
        var vertices = new List<int>();
        var number = new int[table.Accounts.Count];
        foreach (var account in edges.Select(edge => edge.From).Concat(edges.Select(edge => edge.To)))
        {
            if (number[account] == 0)
            {
                vertices.Add(account);
                number[account] = vertices.Count;
            }
        }

        foreach (var edge in edges.Where(edge => number[edge.From] > number[edge.To]))
        {
            (edge.From, edge.To) = (edge.To, edge.From);
        }

        if (united)
        {
            // The peer unites the network with its fast part, which leaves the edges in the order of their vertices, the last first.
            edges.Sort((a, b) => (number[b.From], number[b.To]).CompareTo((number[a.From], number[a.To])));
        }

        return [.. vertices];
    }

    private static int[] Sorted(List<ShareEdge> edges, int[] ranks) =>
        [.. edges.SelectMany(edge => (int[])[edge.From, edge.To]).Distinct().OrderBy(account => ranks[account])];

    private void MarkHeavy(ShareOptions options)
    {
        Threshold = Quantile([.. Edges.Select(edge => (double)edge.Full.Weight)], options.EdgeWeight);
        FastThreshold = Quantile([.. Edges.Where(edge => edge.Fast is not null).Select(edge => (double)edge.Fast!.Weight)], options.EdgeWeight);
        foreach (var edge in Edges)
        {
            edge.Heavy = edge.Full.Weight > Threshold;
            edge.HeavyFast = edge.Fast is { } fast ? fast.Weight > FastThreshold : null;
        }
    }

    private void Reduce(ShareOptions options)
    {
        switch (options.Subgraph)
        {
            case 1:
                Keep(edge => edge.Heavy);
                break;
            case 2:
                Keep(edge => edge.HeavyFast == true);
                break;
            case 3:
                Core = [.. Edges.Where(edge => edge.HeavyFast == true).SelectMany(edge => (int[])[edge.From, edge.To])];
                // All that is next to the core, and every edge between any two of these.
                var kept = new HashSet<int>(Edges.Where(edge => Core.Contains(edge.From) || Core.Contains(edge.To)).SelectMany(edge => (int[])[edge.From, edge.To]));
                Keep(edge => kept.Contains(edge.From) && kept.Contains(edge.To));
                break;
        }
    }

    private void Keep(Func<ShareEdge, bool> stays)
    {
        Edges = [.. Edges.Where(stays)];
        var kept = new HashSet<int>(Edges.SelectMany(edge => (int[])[edge.From, edge.To]));
        Accounts = [.. Accounts.Where(kept.Contains)];
    }

    /// <summary>The quantile of type 7 (Hyndman and Fan 1996), as R computes it by default.</summary>
    internal static double Quantile(double[] values, double p)
    {
        if (values.Length == 0)
        {
            return double.NaN;
        }

        Array.Sort(values);
        var place = (values.Length - 1) * p;
        var below = values[(int)Math.Floor(place)];
        var above = values[(int)Math.Ceiling(place)];
        var part = place - Math.Floor(place);
        return part == 0 || below == above ? below : ((1 - part) * below) + (part * above);
    }
}

/// <summary>A connection of two accounts (or, where loops are kept, of one with itself).</summary>
internal sealed class ShareEdge
{
    public required int From { get; set; }

    public required int To { get; set; }

    /// <summary>What its pairs come to.</summary>
    public Contribution Full { get; set; } = null!;

    /// <summary>What its fast pairs come to; null where it has none, or there is no fast window.</summary>
    public Contribution? Fast { get; set; }

    /// <summary>Whether it is above the threshold.</summary>
    public bool Heavy { get; set; }

    /// <summary>Whether it is above that of the fast network; null where it is not part of it.</summary>
    public bool? HeavyFast { get; set; }
}

/// <summary>What the pairs of an edge come to.</summary>
/// <param name="Weight">How many there are.</param>
/// <param name="AverageDelta">Mean seconds between the two.</param>
/// <param name="Contents">Different older contents; corrected: different contents of the first account.</param>
/// <param name="OtherContents">Different newer contents; corrected: different contents of the second account.</param>
/// <param name="Objects">Different objects, by first appearance.</param>
internal sealed record Contribution(int Weight, double AverageDelta, int Contents, int OtherContents, int[] Objects)
{
    /// <summary>1 where both contribute the same number of contents, towards 0 the less equal they are.</summary>
    public double Symmetry => (double)Math.Min(Contents, OtherContents) / Math.Max(Contents, OtherContents);

    /// <summary>The contribution of some pairs of one edge; null where none of them counts.</summary>
    public static Contribution? Of(ShareTable table, SharePairs pairs, ReadOnlySpan<int> own, int first, ShareMode mode, bool fastOnly)
    {
        Int128 delta = 0;
        var weight = 0;
        if (own.Length == 1 && !fastOnly)
        {
            var (older, newer) = (pairs.Older[own[0]], pairs.Newer[own[0]]);
            return new(1, table.Time[newer] - table.Time[older], 1, 1, [table.Object[older]]);
        }

        var contents = new HashSet<int>();
        var others = new HashSet<int>();
        var objects = new OrderedDictionary<int, bool>();
        foreach (var pair in own)
        {
            if (fastOnly && !pairs.Fast![pair])
            {
                continue;
            }

            var (older, newer) = (pairs.Older[pair], pairs.Newer[pair]);
            weight++;
            delta += table.Time[newer] - table.Time[older];
            var swap = mode == ShareMode.Corrected && table.Account[older] != first;
            contents.Add(table.Content[swap ? newer : older]);
            others.Add(table.Content[swap ? older : newer]);
            objects.TryAdd(table.Object[older], true);
        }

        return weight == 0 ? null : new(weight, (double)delta / weight, contents.Count, others.Count, [.. objects.Keys]);
    }
}
