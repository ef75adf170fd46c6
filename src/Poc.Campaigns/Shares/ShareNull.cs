namespace Poc.Campaigns.Shares;

/// <summary>
/// What chance would give: the times of each object are dealt anew among its shares, so that accounts keep their contents and objects, and objects keep their popularity and their
/// bursts, while who was near whom in time is left to chance. The same pairs and edges are then counted as in the data.
/// </summary>
public sealed record ShareNull
{
    /// <summary>How many times it was dealt.</summary>
    public required int Permutations { get; init; }

    /// <summary>Whoever deals with the same seed gets the same.</summary>
    public required long Seed { get; init; }

    /// <summary>The counts beside what chance gives.</summary>
    public required IReadOnlyList<NullStatistic> Statistics { get; init; }

    /// <summary>Work that <see cref="ShareOptions.Permutations"/> = null allows: pairs looked at in all permutations together.</summary>
    internal const long AutomaticWork = 20_000_000;

    /// <summary>Dealt at least so many times by itself: with fewer nothing could fall below p = 0.05.</summary>
    internal const int AutomaticLeast = 19;

    private const int Chunks = 8;

    internal static ShareNull? Of(ShareTable table, ShareGroups groups, SharePairs pairs, ShareOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (options.Permutations == 0)
        {
            return null;
        }

        var slots = Slots.Of(table, groups, options, cancellation);
        var permutations = options.Permutations ?? (int)Math.Clamp(AutomaticWork / Math.Max(1, slots.First.Count), AutomaticLeast, 1000);
        var observed = new Counter(table).Count(pairs.Older, pairs.Newer, pairs.Count);
        var filter = ParticipationFilter.For(table, groups, options);
        filter.Prepare(slots.Shares(groups), []);
        var results = new Counts[permutations];
        var done = 0;
        // Each chunk deals with its own generator, so that the outcome does not depend on how many threads there are.
        Parallel.For(0, Chunks, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, chunk =>
        {
            var (from, to) = (permutations * chunk / Chunks, permutations * (chunk + 1) / Chunks);
            if (from == to)
            {
                return;
            }

            var dealer = new Dealer(table, groups, slots, filter, options, new SplitMix(unchecked((ulong)options.Seed * 0x9E3779B97F4A7C15UL) + (ulong)chunk));
            for (var permutation = from; permutation < to; permutation++)
            {
                cancellation.ThrowIfCancellationRequested();
                results[permutation] = dealer.Deal();
                progress?.Report((double)Interlocked.Increment(ref done) / permutations);
            }
        });
        return new()
        {
            Permutations = permutations,
            Seed = options.Seed,
            Statistics =
            [
                NullStatistic.Of("pairs", observed.Pairs, [.. results.Select(result => (double)result.Pairs)]),
                NullStatistic.Of("edges", observed.Edges, [.. results.Select(result => (double)result.Edges)]),
                NullStatistic.Of("edges_repeated", observed.Repeated, [.. results.Select(result => (double)result.Repeated)]),
                NullStatistic.Of("heaviest_edge", observed.Heaviest, [.. results.Select(result => (double)result.Heaviest)]),
            ],
        };
    }

    /// <summary>What is counted: pairs, edges, edges of two or more pairs, and the pairs of the heaviest edge.</summary>
    private readonly record struct Counts(int Pairs, int Edges, int Repeated, int Heaviest);

    /// <summary>
    /// The times of an object are always the same ones, only dealt differently: which two of them lie within the window is worked out once. Times in no pair are left out.
    /// </summary>
    private sealed class Slots
    {
        /// <summary>Groups with a pair: where their shares begin, how many these are, and how many times of theirs are in a pair.</summary>
        public List<(int Start, int Size, int Used)> Groups { get; } = [];

        /// <summary>One time of each pair: its place among the dealt ones of all <see cref="Groups"/>.</summary>
        public List<int> First { get; } = [];

        /// <summary>The other time.</summary>
        public List<int> Second { get; } = [];

        /// <summary>All shares of <see cref="Groups"/>, one group after the other.</summary>
        public int[] Shares(ShareGroups groups)
        {
            var shares = new int[Groups.Sum(group => group.Size)];
            var offset = 0;
            foreach (var (start, size, _) in Groups)
            {
                groups.Rows.AsSpan(start, size).CopyTo(shares.AsSpan(offset));
                offset += size;
            }

            return shares;
        }

        public static Slots Of(ShareTable table, ShareGroups groups, ShareOptions options, CancellationToken cancellation)
        {
            var slots = new Slots();
            var window = new WindowScan();
            var used = Array.Empty<int>();
            var offset = 0;
            for (var group = 0; group < groups.Objects.Length; group++)
            {
                cancellation.ThrowIfCancellationRequested();
                var (start, size) = (groups.Starts[group], groups.Starts[group + 1] - groups.Starts[group]);
                if (size < 2)
                {
                    continue;
                }

                window.Sort(table.Time, groups.Rows.AsSpan(start, size));
                used = used.Length < size ? new int[size * 2] : used;
                used.AsSpan(0, size).Fill(-1);
                var count = 0;
                var from = 0;
                for (var to = 1; to < size; to++)
                {
                    while (window.Times[to] - window.Times[from] > options.TimeWindow)
                    {
                        from++;
                    }

                    for (var other = from; other < to; other++)
                    {
                        used[other] = used[other] < 0 ? count++ : used[other];
                        used[to] = used[to] < 0 ? count++ : used[to];
                        slots.First.Add(offset + used[other]);
                        slots.Second.Add(offset + used[to]);
                    }
                }

                if (count > 0)
                {
                    slots.Groups.Add((start, size, count));
                    offset += size;
                }
            }

            return slots;
        }
    }

    /// <summary>Deals and counts, again and again.</summary>
    private sealed class Dealer
    {
        private readonly ShareTable _table;
        private readonly Slots _slots;
        private readonly ShareOptions _options;
        private readonly ParticipationFilter _filter;
        private readonly Counter _counter;
        private readonly int[] _dealt;
        private readonly int[] _older;
        private readonly int[] _newer;
        private SplitMix _random;

        public Dealer(ShareTable table, ShareGroups groups, Slots slots, ParticipationFilter filter, ShareOptions options, SplitMix random)
        {
            (_table, _slots, _options, _random) = (table, slots, options, random);
            _dealt = slots.Shares(groups);
            _older = new int[slots.First.Count];
            _newer = new int[slots.First.Count];
            _filter = filter.Fork();
            _counter = new(table);
        }

        public Counts Deal()
        {
            var offset = 0;
            foreach (var (_, size, used) in _slots.Groups)
            {
                // The first steps of a Fisher-Yates shuffle: only the times in pairs need a share.
                for (var i = 0; i < used; i++)
                {
                    var other = offset + i + _random.Below(size - i);
                    (_dealt[offset + i], _dealt[other]) = (_dealt[other], _dealt[offset + i]);
                }

                offset += size;
            }

            var count = 0;
            for (var pair = 0; pair < _slots.First.Count; pair++)
            {
                var (one, other) = (_dealt[_slots.First[pair]], _dealt[_slots.Second[pair]]);
                if (WindowScan.CanPair(_table, one, other, _options))
                {
                    (_older[count], _newer[count]) = (one, other);
                    count++;
                }
            }

            return _counter.Count(_older, _newer, _filter.Apply(_older, _newer, count));
        }
    }

    /// <summary>Counts the edges of pairs; keeps its table from count to count.</summary>
    private sealed class Counter(ShareTable table)
    {
        private long[] _ends = [];
        private int[] _weights = [];

        public Counts Count(int[] older, int[] newer, int count)
        {
            var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2L));
            if (_ends.Length < size)
            {
                (_ends, _weights) = (new long[size], new int[size]);
            }

            var mask = size - 1;
            _weights.AsSpan(0, size).Clear();
            var (edges, repeated, heaviest) = (0, 0, 0);
            for (var pair = 0; pair < count; pair++)
            {
                var (one, other) = (table.Account[older[pair]], table.Account[newer[pair]]);
                var ends = one < other ? ((long)one << 32) | (uint)other : ((long)other << 32) | (uint)one;
                var slot = (int)((ulong)(ends * unchecked((long)0x9E3779B97F4A7C15UL)) >> 33) & mask;
                while (_weights[slot] != 0 && _ends[slot] != ends)
                {
                    slot = (slot + 1) & mask;
                }

                _ends[slot] = ends;
                var weight = ++_weights[slot];
                edges += weight == 1 ? 1 : 0;
                repeated += weight == 2 ? 1 : 0;
                heaviest = Math.Max(heaviest, weight);
            }

            return new(count, edges, repeated, heaviest);
        }
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014): small, fast, the same on every machine and in every version of .NET.</summary>
    private struct SplitMix(ulong state)
    {
        /// <summary>A number from 0 to below the bound; the bias is below bound / 2^64.</summary>
        public int Below(int bound)
        {
            state += 0x9E3779B97F4A7C15UL;
            var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
            return (int)Math.BigMul(mixed ^ (mixed >> 31), (ulong)bound, out _);
        }
    }
}

/// <summary>A count beside what chance gives.</summary>
/// <param name="Name">What is counted.</param>
/// <param name="Observed">How many there are in the data.</param>
/// <param name="Mean">Mean over the permutations.</param>
/// <param name="Deviation">Standard deviation over the permutations.</param>
/// <param name="Low">2.5 % of the permutations are below.</param>
/// <param name="High">2.5 % of the permutations are above.</param>
/// <param name="P">Share of permutations with at least as many, the data counted among them (Phipson and Smyth 2010): never 0.</param>
public sealed record NullStatistic(string Name, double Observed, double Mean, double Deviation, double Low, double High, double P)
{
    internal static NullStatistic Of(string name, double observed, double[] values)
    {
        var mean = values.Average();
        var deviation = values.Length < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
        var p = (1.0 + values.Count(value => value >= observed)) / (1.0 + values.Length);
        return new(name, observed, mean, deviation, ShareNetwork.Quantile(values, .025), ShareNetwork.Quantile(values, .975), p);
    }
}
