using System.Runtime.InteropServices;

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
        var permutations = options.Permutations ?? (int)Math.Clamp(AutomaticWork / Math.Max(1, slots.Count), AutomaticLeast, 1000);
        var observed = Counted(table, pairs);
        var filter = ParticipationFilter.For(table, groups, options);
        var cards = Cards.Of(table, groups, slots, filter, options);
        table.GiveBack();
        var results = new Counts[permutations];
        var (next, done) = (-1, 0);
        // Each chunk deals with its own generator, so that the outcome does not depend on how many threads there are.
        Parallel.For(0, Dealer.Workers(table, slots), new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, _ =>
        {
            var dealer = new Dealer(table, cards, slots, filter, options);
            for (var chunk = Interlocked.Increment(ref next); chunk < Chunks; chunk = Interlocked.Increment(ref next))
            {
                var random = new SplitMix(unchecked((ulong)options.Seed * 0x9E3779B97F4A7C15UL) + (ulong)chunk);
                for (var permutation = permutations * chunk / Chunks; permutation < permutations * (chunk + 1) / Chunks; permutation++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    results[permutation] = dealer.Deal(ref random);
                    progress?.Report((double)Interlocked.Increment(ref done) / permutations);
                }
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

    private static Counts Counted(ShareTable table, SharePairs pairs)
    {
        var (one, other) = (new int[pairs.Count], new int[pairs.Count]);
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            (one[pair], other[pair]) = (table.Account[pairs.Older[pair]], table.Account[pairs.Newer[pair]]);
        }

        return Counts.Of(new EndsTable(pairs.Count), one, other, pairs.Count);
    }

    /// <summary>What is counted: pairs, edges, edges of two or more pairs, and the pairs of the heaviest edge.</summary>
    private readonly record struct Counts(int Pairs, int Edges, int Repeated, int Heaviest)
    {
        /// <summary>Counts the edges of pairs of accounts.</summary>
        public static Counts Of(EndsTable weights, int[] one, int[] other, int count)
        {
            weights.Clear(count);
            var (edges, repeated, heaviest) = (0, 0, 0);
            for (var pair = 0; pair < count; pair++)
            {
                var weight = ++weights.ValueOf(one[pair], other[pair]);
                edges += weight == 1 ? 1 : 0;
                repeated += weight == 2 ? 1 : 0;
                heaviest = Math.Max(heaviest, weight);
            }

            return new(count, edges, repeated, heaviest);
        }
    }

    /// <summary>
    /// The times of an object are always the same ones, only dealt differently: which two of them lie within the window is worked out once. Times in no pair are left out.
    /// </summary>
    private sealed class Slots
    {
        private readonly List<int> _first = [];
        private readonly List<int> _second = [];

        /// <summary>Groups with a pair: where their shares begin, how many these are, and how many times of theirs are in a pair.</summary>
        public List<(int Start, int Size, int Used)> Groups { get; } = [];

        /// <summary>How many times are in a pair.</summary>
        public int Used { get; private set; }

        /// <summary>How many shares could be dealt them.</summary>
        public int Shares { get; private set; }

        /// <summary>How many pairs there are, loops among them.</summary>
        public int Count => _first.Count;

        /// <summary>One time of each pair: its place among those that are dealt, of all <see cref="Groups"/>.</summary>
        public ReadOnlySpan<int> First => CollectionsMarshal.AsSpan(_first);

        /// <summary>The other time.</summary>
        public ReadOnlySpan<int> Second => CollectionsMarshal.AsSpan(_second);

        public static Slots Of(ShareTable table, ShareGroups groups, ShareOptions options, CancellationToken cancellation)
        {
            var slots = new Slots();
            var window = new WindowScan();
            var used = Array.Empty<int>();
            for (var group = 0; group < groups.Count; group++)
            {
                cancellation.ThrowIfCancellationRequested();
                var (start, size) = (groups.Starts[group], groups.Starts[group + 1] - groups.Starts[group]);
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
                        slots._first.Add(slots.Used + used[other]);
                        slots._second.Add(slots.Used + used[to]);
                    }
                }

                if (count > 0)
                {
                    slots.Groups.Add((start, size, count));
                    slots.Used += count;
                    slots.Shares += size;
                }
            }

            return slots;
        }
    }

    /// <summary>The shares that are dealt, group after group, side by side in memory: what a pair of them needs.</summary>
    private sealed class Cards
    {
        private Cards(int count) => (Account, Content) = (new int[count], new int[count]);

        public int[] Account { get; }

        /// <summary>Contents as the filter numbers them; inverted where the share may be in no pair, because its object is its content.</summary>
        public int[] Content { get; }

        public static Cards Of(ShareTable table, ShareGroups groups, Slots slots, ParticipationFilter filter, ShareOptions options)
        {
            var shares = new int[slots.Shares];
            var offset = 0;
            foreach (var (start, size, _) in slots.Groups)
            {
                groups.Rows.AsSpan(start, size).CopyTo(shares.AsSpan(offset));
                offset += size;
            }

            filter.Prepare(shares, []);
            var cards = new Cards(shares.Length);
            var loops = options.RemoveLoops && options.Mode == ShareMode.Compat;
            for (var i = 0; i < shares.Length; i++)
            {
                var content = filter.ContentOf(shares[i]);
                cards.Account[i] = table.Account[shares[i]];
                cards.Content[i] = loops && table.Mark[shares[i]] == ShareMark.ObjectIsContent ? ~content : content;
            }

            filter.Seal();
            return cards;
        }
    }

    /// <summary>Deals and counts, again and again.</summary>
    private sealed class Dealer
    {
        // What dealers may take together, so that a machine of many cores does not need the memory of many.
        private const long Memory = 64 << 20;

        private readonly Cards _cards;
        private readonly Slots _slots;
        private readonly bool _removeLoops;
        private readonly ParticipationFilter _filter;
        private readonly EndsTable _weights;
        private readonly PairColumns _pairs;
        private readonly int[] _dealt;
        private readonly int[] _deck;
        private readonly bool[] _taken;

        public Dealer(ShareTable table, Cards cards, Slots slots, ParticipationFilter filter, ShareOptions options)
        {
            (_cards, _slots, _removeLoops, _filter) = (cards, slots, options.RemoveLoops, filter.Fork());
            _weights = new(slots.Count);
            _pairs = new(slots.Count);
            _dealt = new int[slots.Used];
            var largest = 0;
            foreach (var (_, size, _) in slots.Groups)
            {
                largest = Math.Max(largest, size);
            }

            (_deck, _taken) = (new int[largest], new bool[largest]);
        }

        public static int Workers(ShareTable table, Slots slots) =>
            (int)Math.Clamp(Memory / ((slots.Count * 40L) + (slots.Used * 4L) + (table.Accounts.Count * 4L) + 1), 1, Math.Min(Environment.ProcessorCount, Chunks));

        public Counts Deal(ref SplitMix random)
        {
            var (card, slot) = (0, 0);
            foreach (var (_, size, used) in _slots.Groups)
            {
                if (used <= size / 2)
                {
                    Draw(card, size, _dealt.AsSpan(slot, used), ref random);
                }
                else
                {
                    Shuffle(card, size, _dealt.AsSpan(slot, used), ref random);
                }

                card += size;
                slot += used;
            }

            var (account, content) = (_cards.Account, _cards.Content);
            var first = _slots.First;
            var second = _slots.Second;
            var count = 0;
            for (var pair = 0; pair < first.Length; pair++)
            {
                var (one, other) = (_dealt[first[pair]], _dealt[second[pair]]);
                if (!_removeLoops || (account[one] != account[other] && content[one] != content[other] && (content[one] | content[other]) >= 0))
                {
                    _pairs.Set(count++, account[one], account[other], content[one], content[other]);
                }
            }

            _pairs.Count = count;
            _filter.Apply(_pairs);
            return Counts.Of(_weights, _pairs.OlderAccount, _pairs.NewerAccount, _pairs.Count);
        }

        /// <summary>Takes different cards of a group by drawing again those that were drawn before: at most every other one is.</summary>
        private void Draw(int first, int size, Span<int> dealt, ref SplitMix random)
        {
            foreach (ref var card in dealt)
            {
                do
                {
                    card = random.Below(size);
                }
                while (_taken[card]);
                _taken[card] = true;
            }

            foreach (ref var card in dealt)
            {
                _taken[card] = false;
                card += first;
            }
        }

        /// <summary>The first steps of a Fisher-Yates shuffle of a group.</summary>
        private void Shuffle(int first, int size, Span<int> dealt, ref SplitMix random)
        {
            for (var i = 0; i < size; i++)
            {
                _deck[i] = first + i;
            }

            for (var i = 0; i < dealt.Length; i++)
            {
                var other = i + random.Below(size - i);
                (dealt[i], _deck[other]) = (_deck[other], _deck[i]);
            }
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
