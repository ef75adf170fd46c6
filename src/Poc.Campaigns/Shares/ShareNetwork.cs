using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Poc.Campaigns.Shares;

/// <summary>Accounts, connected where they share the same within the window of each other.</summary>
internal sealed class ShareNetwork
{
    private readonly List<int> _objects = [];
    private readonly List<Contribution> _fast = [];

    private ShareNetwork(ShareTable table, int[] inOrder)
    {
        Table = table;
        Ranks = table.Accounts.Ranks(inOrder);
        InOrder = inOrder;
    }

    public ShareTable Table { get; }

    /// <summary>Ranks of all accounts in pairs in the order of their bytes, by account.</summary>
    public int[] Ranks { get; }

    /// <summary>All accounts in pairs in the order of their bytes.</summary>
    public int[] InOrder { get; }

    /// <summary>Accounts of the network in the order of its vertices.</summary>
    public int[] Accounts { get; private set; } = [];

    /// <summary>Edges, in the order in which their first pair was found.</summary>
    public ShareEdge[] Edges { get; private set; } = [];

    /// <summary>Weight that a heavy edge is above; NaN where there are no edges.</summary>
    public double Threshold { get; private set; } = double.NaN;

    /// <summary>The same among the fast edges.</summary>
    public double FastThreshold { get; private set; } = double.NaN;

    /// <summary>Accounts with a heavy fast edge, where the subgraph also holds their neighbours; otherwise null.</summary>
    public HashSet<int>? Core { get; private set; }

    public static ShareNetwork Of(ShareTable table, SharePairs pairs, ShareOptions options)
    {
        var network = new ShareNetwork(table, AccountsOf(table, pairs));
        network.Aggregate(pairs, options.Mode);
        network.Accounts = options.Mode == ShareMode.Compat ? network.Orient(pairs.Fast is not null) : network.InOrder;
        network.MarkHeavy(options);
        network.Reduce(options);
        return network;
    }

    /// <summary>Different objects of a contribution, by first appearance.</summary>
    public ReadOnlySpan<int> Objects(in Contribution contribution) => CollectionsMarshal.AsSpan(_objects).Slice(contribution.ObjectsAt, contribution.ObjectCount);

    /// <summary>What the fast pairs of an edge come to; null where it has none, or there is no fast window.</summary>
    public Contribution? Fast(in ShareEdge edge) => edge.FastAt == 0 ? null : _fast[edge.FastAt - 1];

    /// <summary>Place in <see cref="Accounts"/> of each account that is there, by account.</summary>
    public int[] Vertices()
    {
        var vertices = new int[Table.Accounts.Count];
        for (var vertex = 0; vertex < Accounts.Length; vertex++)
        {
            vertices[Accounts[vertex]] = vertex;
        }

        return vertices;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] AccountsOf(ShareTable table, SharePairs pairs)
    {
        var present = new bool[table.Accounts.Count];
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            present[table.Account[pairs.Older[pair]]] = true;
            present[table.Account[pairs.Newer[pair]]] = true;
        }

        var accounts = new List<int>();
        for (var account = 0; account < present.Length; account++)
        {
            if (present[account])
            {
                accounts.Add(account);
            }
        }

        return [.. accounts];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Aggregate(SharePairs pairs, ShareMode mode)
    {
        // Which edge each pair belongs to; then the pairs, edge after edge.
        var (edgeOf, sizes) = Number(pairs);
        var starts = new int[Edges.Length + 1];
        for (var edge = 0; edge < Edges.Length; edge++)
        {
            starts[edge + 1] = starts[edge] + sizes[edge];
            sizes[edge] = starts[edge];
        }

        var sorted = new int[pairs.Count];
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            sorted[sizes[edgeOf[pair]]++] = pair;
        }

        var sum = new ContributionSum(Table, pairs, mode, _objects);
        for (var i = 0; i < Edges.Length; i++)
        {
            ref var edge = ref Edges[i];
            var own = sorted.AsSpan(starts[i], starts[i + 1] - starts[i]);
            edge.Full = sum.Of(own, edge.From, fastOnly: false);
            if (pairs.Fast is not null && sum.Of(own, edge.From, fastOnly: true) is { Weight: > 0 } fast)
            {
                _fast.Add(fast);
                edge.FastAt = _fast.Count;
            }
        }
    }

    /// <summary>Gives each pair of accounts an edge, its ends in the order of their bytes; says which edge each pair belongs to and how many belong to each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int[] EdgeOf, int[] Sizes) Number(SharePairs pairs)
    {
        var (edgeOf, sizes, first) = (new int[pairs.Count], new int[pairs.Count], new int[pairs.Count]);
        var count = 0;
        var ends = new EndsTable(pairs.Count);
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            ref var edge = ref ends.ValueOf(Table.Account[pairs.Older[pair]], Table.Account[pairs.Newer[pair]]);
            if (edge == 0)
            {
                first[count] = pair;
                edge = ++count;
            }

            edgeOf[pair] = edge - 1;
            sizes[edge - 1]++;
        }

        Edges = new ShareEdge[count];
        for (var i = 0; i < count; i++)
        {
            var (from, to) = (Table.Account[pairs.Older[first[i]]], Table.Account[pairs.Newer[first[i]]]);
            (Edges[i].From, Edges[i].To) = Ranks[from] <= Ranks[to] ? (from, to) : (to, from);
        }

        return (edgeOf, sizes);
    }

    /// <summary>
    /// Vertices in the peer's order: first ends of all edges by first appearance, then second ends that are no first ends. As an undirected edge is read back, its end with the
    /// smaller vertex number comes first, whatever the ids.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int[] Orient(bool united)
    {
        var vertices = new List<int>();
        var number = new int[Table.Accounts.Count];
        foreach (ref readonly var edge in Edges.AsSpan())
        {
            Meet(edge.From);
        }

        foreach (ref var edge in Edges.AsSpan())
        {
            Meet(edge.To);
            if (number[edge.From] > number[edge.To])
            {
                (edge.From, edge.To) = (edge.To, edge.From);
            }
        }

        if (united)
        {
            // The peer unites the network with its fast part, which leaves the edges in the order of their vertices, the last first.
            Array.Sort(Array.ConvertAll(Edges, edge => -(((long)number[edge.From] << 32) | (uint)number[edge.To])), Edges);
        }

        return [.. vertices];

        void Meet(int account)
        {
            if (number[account] == 0)
            {
                vertices.Add(account);
                number[account] = vertices.Count;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MarkHeavy(ShareOptions options)
    {
        var weights = new double[Edges.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = Edges[i].Full.Weight;
        }

        var fastWeights = new double[_fast.Count];
        for (var i = 0; i < fastWeights.Length; i++)
        {
            fastWeights[i] = _fast[i].Weight;
        }

        Threshold = Quantile(weights, options.EdgeWeight);
        FastThreshold = Quantile(fastWeights, options.EdgeWeight);
        foreach (ref var edge in Edges.AsSpan())
        {
            edge.Heavy = edge.Full.Weight > Threshold;
            edge.HeavyFast = edge.FastAt == 0 ? null : _fast[edge.FastAt - 1].Weight > FastThreshold;
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
internal struct ShareEdge
{
    /// <summary>One account.</summary>
    public int From { get; set; }

    /// <summary>The other account.</summary>
    public int To { get; set; }

    /// <summary>What its pairs come to.</summary>
    public Contribution Full { get; set; }

    /// <summary>Where <see cref="ShareNetwork.Fast"/> finds what its fast pairs come to, from 1; 0 where it has none.</summary>
    public int FastAt { get; set; }

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
/// <param name="ObjectsAt">Where <see cref="ShareNetwork.Objects"/> finds its different objects.</param>
/// <param name="ObjectCount">How many these are.</param>
internal readonly record struct Contribution(int Weight, double AverageDelta, int Contents, int OtherContents, int ObjectsAt, int ObjectCount)
{
    /// <summary>1 where both contribute the same number of contents, towards 0 the less equal they are.</summary>
    public double Symmetry => (double)Math.Min(Contents, OtherContents) / Math.Max(Contents, OtherContents);
}

/// <summary>Adds up the pairs of one edge after the other.</summary>
/// <param name="table">All shares.</param>
/// <param name="pairs">All pairs.</param>
/// <param name="mode">Whose contents are counted.</param>
/// <param name="objects">Takes the different objects.</param>
internal sealed class ContributionSum(ShareTable table, SharePairs pairs, ShareMode mode, List<int> objects)
{
    private readonly List<int> _contents = [];
    private readonly List<int> _others = [];
    private readonly HashSet<int> _seen = [];

    /// <summary>The contribution of some pairs of one edge; its weight is 0 where none of them counts.</summary>
    /// <param name="own">The pairs.</param>
    /// <param name="first">The first account of the edge.</param>
    /// <param name="fastOnly">Only fast pairs count.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Contribution Of(ReadOnlySpan<int> own, int first, bool fastOnly)
    {
        var at = objects.Count;
        if (own.Length == 1 && !fastOnly)
        {
            var (older, newer) = (pairs.Older[own[0]], pairs.Newer[own[0]]);
            objects.Add(table.Object[older]);
            return new(1, table.Time[newer] - table.Time[older], 1, 1, at, 1);
        }

        Int128 delta = 0;
        _contents.Clear();
        _others.Clear();
        _seen.Clear();
        foreach (var pair in own)
        {
            if (fastOnly && !pairs.Fast![pair])
            {
                continue;
            }

            var (older, newer) = (pairs.Older[pair], pairs.Newer[pair]);
            delta += table.Time[newer] - table.Time[older];
            var swap = mode == ShareMode.Corrected && table.Account[older] != first;
            _contents.Add(table.Content[swap ? newer : older]);
            _others.Add(table.Content[swap ? older : newer]);
            if (_seen.Add(table.Object[older]))
            {
                objects.Add(table.Object[older]);
            }
        }

        var weight = _contents.Count;
        return weight == 0 ? default : new(weight, (double)delta / weight, Different(_contents), Different(_others), at, objects.Count - at);
    }

    private static int Different(List<int> values)
    {
        values.Sort();
        var different = 1;
        for (var i = 1; i < values.Count; i++)
        {
            different += values[i] == values[i - 1] ? 0 : 1;
        }

        return different;
    }
}

/// <summary>A number for each pair of accounts, 0 at first. Open addressing; what it needs is taken once and can be used again.</summary>
internal sealed class EndsTable
{
    private long[] _ends = [];
    private int[] _values = [];
    private int _mask;

    public EndsTable(int most) => Clear(most);

    /// <summary>Forgets everything.</summary>
    /// <param name="most">How many different pairs of accounts may come now.</param>
    public void Clear(int most)
    {
        // An eighth stays free, at least.
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, most / 7L * 8 + 8));
        if (_values.Length < size)
        {
            (_ends, _values) = (GC.AllocateUninitializedArray<long>(size), new int[size]);
        }
        else
        {
            _values.AsSpan(0, size).Clear();
        }

        _mask = size - 1;
    }

    /// <summary>The number of a pair of accounts; until it is set to something else than 0 the pair counts as new.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int ValueOf(int one, int other)
    {
        var ends = one < other ? ((long)one << 32) | (uint)other : ((long)other << 32) | (uint)one;
        var slot = (int)((ulong)(ends * unchecked((long)0x9E3779B97F4A7C15UL)) >> 33) & _mask;
        while (_values[slot] != 0 && _ends[slot] != ends)
        {
            slot = (slot + 1) & _mask;
        }

        _ends[slot] = ends;
        return ref _values[slot];
    }
}
