using System.Numerics;
using System.Runtime.Intrinsics;
using Poc.Kernel.Text;

namespace Poc.Campaigns.Requests;

/// <summary>A fingerprint with its words weighed by how unusual they are; what pairs are compared by.</summary>
internal sealed class WeighedWords
{
    internal required uint[] Words { get; init; }

    internal required float[] Weights { get; init; }

    internal required float Norm { get; init; }

    /// <summary>Cosine of the two weighed sets, 0 to 1.</summary>
    internal double Cosine(WeighedWords other)
    {
        if (Norm == 0 || other.Norm == 0)
        {
            return 0;
        }

        return SharedWeight(other) / (Norm * other.Norm);
    }

    /// <summary>The sum over the words of both, in their order, of the product of their weights.</summary>
    private float SharedWeight(WeighedWords other)
    {
        var (i, j, sum) = (0, 0, 0f);
        var (a, b) = (Words, other.Words);
        // Eight words of one side are looked for among eight of the other at once, and the side whose eight end first goes on: no branch depends on which of two words is greater, a coin
        // toss that processors guess wrongly half the time.
        var width = Vector256<uint>.Count;
        while (i + width <= a.Length && j + width <= b.Length)
        {
            var ours = a.AsSpan(i, width);
            var theirs = Vector256.Create(b.AsSpan(j, width));
            for (var k = 0; k < width; k++)
            {
                var hit = Vector256.Equals(Vector256.Create(ours[k]), theirs).ExtractMostSignificantBits();
                if (hit != 0)
                {
                    sum += Weights[i + k] * other.Weights[j + BitOperations.TrailingZeroCount(hit)];
                }
            }

            var (last, otherLast) = (ours[^1], b[j + width - 1]);
            i += last <= otherLast ? width : 0;
            j += otherLast <= last ? width : 0;
        }

        while (i < a.Length && j < b.Length)
        {
            var (one, two) = (a[i], b[j]);
            if (one == two)
            {
                sum += Weights[i] * other.Weights[j];
            }

            i += one <= two ? 1 : 0;
            j += two <= one ? 1 : 0;
        }

        return sum;
    }
}

/// <summary>How alike two letters must be to match, by how far apart they were received.</summary>
internal readonly record struct MatchThresholds(double Jaccard, double Cosine, double ChanceRate);

/// <summary>
/// What is usual in this stream: how often words and links occur on ordinary days, how alike two unrelated letters of one language are by chance, how many arrive. Learnt from the
/// data themselves. A word's rate comes from the number of <em>days</em> it occurs on, so that a campaign of an afternoon cannot make its own wording look ordinary.
/// </summary>
public sealed class Baseline
{
    /// <summary>Letters kept of each language as the sample of unrelated letters.</summary>
    internal const int SampleSize = 768;

    private const int MaximumTerms = 400_000;
    private const long Day = 86_400;
    private const double MaximumWeight = 5.5;
    private const double UnknownRate = 0.0005;
    private readonly Dictionary<string, LanguageStatistics> languages = [];
    private readonly Dictionary<ulong, DayCount> links = [];
    private readonly Dictionary<ulong, DayCount> anchors = [];
    private long firstDay = long.MaxValue;
    private long lastDay = long.MinValue;
    private int letters;

    /// <summary>Days between the first and the last request seen, both counted.</summary>
    public int Days => letters == 0 ? 0 : (int)(lastDay - firstDay) + 1;

    /// <summary>Requests seen.</summary>
    public int Letters => letters;

    /// <summary>Takes a request into account. Requests made from a declared template are usual by declaration and say nothing about wording.</summary>
    public void Observe(Fingerprint request)
    {
        var day = request.At / Day;
        (firstDay, lastDay) = (Math.Min(firstDay, day), Math.Max(lastDay, day));
        letters++;
        foreach (var url in request.Urls.Concat(request.Hosts).Distinct())
        {
            Count(links, url, day);
        }

        if (request.Template is not null)
        {
            return;
        }

        foreach (var anchor in request.Anchors)
        {
            Count(anchors, anchor, day);
        }

        if (!languages.TryGetValue(request.Language, out var language))
        {
            languages[request.Language] = language = new LanguageStatistics();
        }

        language.Observe(request, day);
    }

    /// <summary>Works out the thresholds from what was observed. Call it before comparing, and again when much has been added.</summary>
    public void Learn()
    {
        foreach (var language in languages.Values)
        {
            language.Learn(this);
        }
    }

    /// <summary>Requests of a language on an ordinary day.</summary>
    internal double PerDay(string language) => languages.TryGetValue(language, out var known) ? known.Letters / (double)Math.Max(1, Days) : 1;

    /// <summary>The thresholds for two letters of a language.</summary>
    /// <param name="language">Of both.</param>
    /// <param name="words">Distinct words of the shorter one: short letters are alike by chance far more often than long ones.</param>
    /// <param name="near">Whether they were received within a day, so that few others were there to be met by chance.</param>
    internal MatchThresholds Thresholds(string language, int words, bool near) =>
        languages.TryGetValue(language, out var known) ? (near ? known.Near : known.Far)[known.LengthClass(words)] : near ? LanguageStatistics.DefaultNear : LanguageStatistics.DefaultFar;

    /// <summary>Below this the mean cosine of several pairs is what unrelated letters of the language have: their mean and two deviations.</summary>
    internal double UnrelatedCosine(string language) => languages.TryGetValue(language, out var known) ? known.UnrelatedCosine : LanguageStatistics.DefaultUnrelated;

    /// <summary>The sample of unrelated letters of a language.</summary>
    internal IReadOnlyList<(Fingerprint Letter, WeighedWords Words)> Sample(string language) => languages.TryGetValue(language, out var known) ? known.Weighed : [];

    /// <summary>On how many days a link or host occurs.</summary>
    internal int DaysWithLink(ulong link) => links.TryGetValue(link, out var count) ? count.Days : 0;

    /// <summary>How many requests hold a link or host.</summary>
    internal int RequestsWithLink(ulong link) => links.TryGetValue(link, out var count) ? count.Letters : 0;

    /// <summary>The chance that an ordinary request of any language holds a number or name.</summary>
    internal double AnchorRate(ulong anchor) => anchors.TryGetValue(anchor, out var count) ? Rate(count, letters, Days) : UnknownRate;

    /// <summary>The chance that an ordinary request of the language holds the word.</summary>
    internal double WordRate(string language, uint word) => languages.TryGetValue(language, out var known) ? known.WordRate(word, Days) : UnknownRate;

    /// <summary>How much a word that occurs at this rate tells. Capped: one unheard-of phrase must not make two letters alike.</summary>
    internal static double Weight(double rate) => Math.Min(MaximumWeight, -Math.Log(rate));

    internal WeighedWords Weigh(Fingerprint request)
    {
        var words = Different(request.Words);
        var weights = new float[words.Length];
        var norm = 0f;
        languages.TryGetValue(request.Language, out var language);
        var unknown = (float)Weight(UnknownRate);
        for (var i = 0; i < words.Length; i++)
        {
            weights[i] = language?.WordWeight(words[i], Days) ?? unknown;
            norm += weights[i] * weights[i];
        }

        return new WeighedWords { Words = words, Weights = weights, Norm = MathF.Sqrt(norm) };
    }

    private static uint[] Different(uint[] words)
    {
        var sorted = words.AsSpan().ToArray();
        Array.Sort(sorted);
        var count = 0;
        foreach (var word in sorted)
        {
            if (count == 0 || sorted[count - 1] != word)
            {
                sorted[count++] = word;
            }
        }

        return sorted.Length == count ? sorted : sorted[..count];
    }

    // Days with the word give its rate on an ordinary day, if arrivals are independent: 1 - days/all = (1 - rate)^(letters a day). The plain share of letters bounds it from above.
    private static double Rate(DayCount count, int letters, int days)
    {
        var share = count.Letters / (double)Math.Max(1, letters);
        var perDay = letters / (double)Math.Max(1, days);
        var byDays = count.Days > days - 1 ? 1 : 1 - Math.Pow(1 - count.Days / (days + 1.0), 1 / Math.Max(1, perDay));
        return Math.Clamp(Math.Min(share, byDays), 1e-5, 0.999);
    }

    private static void Count<T>(Dictionary<T, DayCount> table, T key, long day) where T : notnull
    {
        if (table.TryGetValue(key, out var count))
        {
            table[key] = new DayCount(count.Letters + 1, count.Days + (count.LastDay == day ? 0 : 1), day);
        }
        else if (table.Count < MaximumTerms)
        {
            table[key] = new DayCount(1, 1, day);
        }
    }

    private readonly record struct DayCount(int Letters, int Days, long LastDay);

    private sealed class LanguageStatistics
    {
        internal static readonly MatchThresholds DefaultNear = new(0.35, 0.50, 2e-4);
        internal static readonly MatchThresholds DefaultFar = new(0.35, 0.55, 5e-5);

        internal const double DefaultUnrelated = 0.2;

        // A letter may meet one unrelated match in fifty by chance, within a day or within the window.
        private const double ChanceMatches = 0.02;
        private const double JaccardFloor = 0.35;
        private const double CosineFloor = 0.35;
        private const int MinimumPairs = 20_000;
        private readonly Dictionary<uint, DayCount> words = [];
        private readonly SortedSet<(ulong Key, Fingerprint Letter)> sample = new(Comparer<(ulong Key, Fingerprint Letter)>.Create(static (one, other) => one.Key.CompareTo(other.Key)));

        // Of words that were observed, so that it is bounded as these are.
        private readonly Dictionary<uint, float> weights = [];
        private (int Letters, int Days) weighedAt;
        private int shortest;
        private int middling;

        internal int Letters { get; private set; }

        internal MatchThresholds[] Near { get; } = [DefaultNear, DefaultNear, DefaultNear];

        internal MatchThresholds[] Far { get; } = [DefaultFar, DefaultFar, DefaultFar];

        internal double UnrelatedCosine { get; private set; } = DefaultUnrelated;

        internal List<(Fingerprint Letter, WeighedWords Words)> Weighed { get; private set; } = [];

        internal void Observe(Fingerprint request, long day)
        {
            Letters++;
            foreach (var word in request.Words.Distinct())
            {
                Count(words, word, day);
            }

            // The letters with the least hashes: a uniform sample that does not depend on the order of arrival.
            sample.Add((MinHash.Mix(MinHash.HashOf(request.Id) ^ (ulong)request.At), request));
            if (sample.Count > SampleSize)
            {
                sample.Remove(sample.Max);
            }
        }

        /// <summary>How much a word tells. Kept until another letter is observed: the same words come again and again.</summary>
        internal float WordWeight(uint word, int days)
        {
            if (weighedAt != (Letters, days))
            {
                weighedAt = (Letters, days);
                weights.Clear();
            }

            if (!weights.TryGetValue(word, out var weight))
            {
                weight = (float)Weight(WordRate(word, days));
                if (words.ContainsKey(word))
                {
                    weights[word] = weight;
                }
            }

            return weight;
        }

        internal double WordRate(uint word, int days) => words.TryGetValue(word, out var count) ? Rate(count, Letters, days) : UnknownRate;

        /// <summary>0 the shortest third of the letters, 2 the longest.</summary>
        internal int LengthClass(int words) => words <= shortest ? 0 : words <= middling ? 1 : 2;

        internal void Learn(Baseline baseline)
        {
            Weighed = [.. sample.Select(one => (one.Letter, baseline.Weigh(one.Letter)))];
            var lengths = Weighed.Select(static one => one.Words.Words.Length).Order().ToList();
            (shortest, middling) = (lengths[lengths.Count / 3], lengths[lengths.Count * 2 / 3]);
            var (jaccards, cosines) = Pairs(Math.Min(DetectorLimits.WindowSeconds, baseline.Days * Day / 3));
            var all = cosines.SelectMany(static cosine => cosine).ToList();
            if (all.Count < MinimumPairs || baseline.Days < 14)
            {
                return;
            }

            var mean = all.Average();
            UnrelatedCosine = mean + 3 * Math.Sqrt(all.Average(cosine => (cosine - mean) * (cosine - mean)));
            var perDay = Letters / (double)Math.Max(1, baseline.Days);
            for (var length = 0; length < 3; length++)
            {
                if (jaccards[length].Count < MinimumPairs / 10)
                {
                    continue;
                }

                jaccards[length].Sort();
                cosines[length].Sort();
                Near[length] = At(jaccards[length], cosines[length], ChanceMatches / Math.Max(perDay, 20));
                Far[length] = At(jaccards[length], cosines[length], ChanceMatches / Math.Max(perDay * 14, 200));
            }
        }

        // Letters so far apart that no campaign holds both, by the length of the shorter one.
        private (List<double>[] Jaccards, List<double>[] Cosines) Pairs(long apart)
        {
            List<double>[] jaccards = [[], [], []], cosines = [[], [], []];
            for (var i = 0; i < Weighed.Count; i++)
            {
                for (var j = i + 1; j < Weighed.Count; j++)
                {
                    var (one, other) = (Weighed[i], Weighed[j]);
                    if (Math.Abs(one.Letter.At - other.Letter.At) > apart && one.Letter.Source != other.Letter.Source && one.Letter.Signature.Length > 0 && other.Letter.Signature.Length > 0)
                    {
                        var length = LengthClass(Math.Min(one.Words.Words.Length, other.Words.Words.Length));
                        jaccards[length].Add(MinHash.Similarity(one.Letter.Signature, other.Letter.Signature));
                        cosines[length].Add(one.Words.Cosine(other.Words));
                    }
                }
            }

            return (jaccards, cosines);
        }

        // Caps keep one often repeated form, which raises every quantile, from blinding the detector: clusters of it are told by their own rate.
        private static MatchThresholds At(List<double> jaccards, List<double> cosines, double rate)
        {
            var rank = Math.Max(2, (int)(jaccards.Count * rate));
            var jaccard = Math.Clamp(jaccards[^rank] + 0.02, JaccardFloor, 0.75);
            var cosine = Math.Clamp(cosines[^rank] + 0.03, CosineFloor, 0.75);
            var beyond = jaccards.Count - jaccards.BinarySearchFirst(jaccard) + cosines.Count - cosines.BinarySearchFirst(cosine);
            return new MatchThresholds(jaccard, cosine, (beyond + 3.0) / jaccards.Count);
        }
    }
}

internal static class SortedSearch
{
    /// <summary>The index of the first element that is not below the value.</summary>
    internal static int BinarySearchFirst(this List<double> sorted, double value)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
