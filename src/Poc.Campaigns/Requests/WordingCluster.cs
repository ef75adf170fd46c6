using Poc.Kernel.Text;

namespace Poc.Campaigns.Requests;

/// <summary>A request in the window with what it is compared by.</summary>
internal sealed class Entry(Fingerprint print, WeighedWords words, long sequence)
{
    internal Fingerprint Print { get; } = print;

    internal WeighedWords Words { get; } = words;

    /// <summary>Its place in the order of arrival.</summary>
    internal long Sequence { get; } = sequence;

    internal WordingCluster? Cluster { get; set; }

    /// <summary>Its keys in the index of bands.</summary>
    internal ulong[] Bands { get; } = print.Signature.Length == 0 ? [] : MinHash.BandKeys(print.Signature);

    /// <summary>Its keys in the index of rare words: the rarest sixteen.</summary>
    internal ulong[] RareWords { get; init; } = [];

    /// <summary>Whether a campaign holds it for its link rather than its wording.</summary>
    internal bool ByLink { get; set; }

    /// <summary>The last request that it was a candidate for, by its sequence, and under how many keys.</summary>
    internal (long For, int Keys) Candidacy { get; set; } = (-1, 0);
}

/// <summary>A member of a cluster: what is kept of it when its fingerprint has left the window.</summary>
/// <param name="Id">The request.</param>
/// <param name="At">When it was received, Unix seconds.</param>
/// <param name="Source">Organisation or account.</param>
/// <param name="Language">Primary subtag.</param>
/// <param name="JoinedBy">What joined it: <c>wording</c>, <c>profile</c> (the cluster's common wording), <c>url</c> or <c>anchors</c>.</param>
public sealed record CampaignMember(string Id, long At, string Source, string Language, string JoinedBy);

/// <summary>Requests that share a wording. Never merged with another: links are proposed, campaigns are made of linked clusters.</summary>
internal sealed class WordingCluster(int id, string language)
{
    private const int Kept = 16;
    private readonly HashSet<string> sources = [];
    private readonly Dictionary<uint, int> wordCounts = [];
    private readonly Dictionary<ulong, int> anchorCounts = [];
    private readonly Dictionary<ulong, int> urlCounts = [];

    // What is asked for again and again, kept until the cluster changes: how many were ever added tells, and how many are left.
    private int added;
    private (int Added, int Left) timesOf = (-1, -1);
    private long[] times = [];
    private int buildOf = -1;
    private byte[] build = [];
    private int stride = 1;
    private int profiled;

    internal int Id { get; } = id;

    internal string Language { get; } = language;

    internal List<CampaignMember> Members { get; } = [];

    /// <summary>At most 16 members spread over the cluster's life.</summary>
    internal List<Entry> Spread { get; } = [];

    internal int Sources => sources.Count;

    internal long First { get; private set; } = long.MaxValue;

    internal long Last { get; private set; } = long.MinValue;

    internal Campaign? Campaign { get; set; }

    /// <summary>Set where the members share one quotation and nothing else.</summary>
    internal bool IsQuotation { get; set; }

    internal double P { get; set; } = 1;

    internal double ChanceRate { get; set; }

    /// <summary>The greatest rate at which letters like these were met at other times.</summary>
    internal double OwnRate { get; set; }

    internal bool Changed { get; set; }

    /// <summary>Its sources when it was last judged: judging is dear, and each source more changes little.</summary>
    internal int Judged { get; set; }

    /// <summary>The common wording, weighed; null while there are fewer than four members.</summary>
    internal WeighedWords? Profile { get; private set; }

    /// <summary>How close to the profile a letter must come to belong here.</summary>
    internal double ProfileThreshold { get; private set; } = 2;

    internal void Add(Entry entry, string joinedBy, Baseline baseline)
    {
        var print = entry.Print;
        entry.Cluster = this;
        added++;
        Members.Add(new CampaignMember(print.Id, print.At, print.Source, print.Language, joinedBy));
        sources.Add(print.Source);
        (First, Last, Changed) = (Math.Min(First, print.At), Math.Max(Last, print.At), true);
        Count(wordCounts, entry.Words.Words);
        Count(anchorCounts, print.Anchors);
        Count(urlCounts, print.Urls.Distinct());
        KeepSpread(entry);
        if (Members.Count >= 4 && Members.Count >= profiled * 1.4)
        {
            MakeProfile(baseline);
        }
    }

    /// <summary>Whether a letter of this time goes on with what the cluster is: not days after a burst that was over.</summary>
    internal bool GoesOn(long at) => at - Last <= Math.Max(86_400, Last - First);

    /// <summary>Whether it was a burst: enough members to tell, within two days.</summary>
    internal bool IsBurst => Members.Count >= 8 && Last - First <= 2 * 86_400;

    /// <summary>Eight members for a quick comparison.</summary>
    internal IEnumerable<Entry> Compared()
    {
        var step = Math.Max(1, (Spread.Count + DetectorLimits.SpreadMembers - 1) / DetectorLimits.SpreadMembers);
        for (var i = 0; i < Spread.Count; i += step)
        {
            yield return Spread[i];
        }
    }

    /// <summary>Numbers and names that at least 60 % of the members hold, more than chance gives so many members.</summary>
    internal IEnumerable<ulong> CommonAnchors(Baseline baseline) =>
        Common(anchorCounts, 0.6).Where(anchor => Significance.BinomialBound(anchorCounts[anchor], Members.Count, baseline.AnchorRate(anchor)) < 1e-5);

    /// <summary>Links that at least half of the members hold.</summary>
    internal IEnumerable<ulong> CommonUrls() => Common(urlCounts, 0.5);

    /// <summary>The time by which this share of the members had been received.</summary>
    internal long Quantile(double share)
    {
        if (timesOf != (added, Members.Count))
        {
            timesOf = (added, Members.Count);
            times = [.. Members.Select(static member => member.At)];
            Array.Sort(times);
        }

        return times[(int)Math.Min(times.Length - 1, share * times.Length)];
    }

    /// <summary>The usual build of its letters: words in each sentence, on average of those that have the most frequent number of sentences.</summary>
    internal byte[] TypicalBuild()
    {
        if (buildOf != added)
        {
            buildOf = added;
            var builds = Spread.Select(static entry => entry.Print.Sentences).ToList();
            var length = builds.GroupBy(static build => build.Length).OrderByDescending(static group => group.Count()).ThenBy(static group => group.Key).First().Key;
            var same = builds.Where(build => build.Length == length).ToList();
            build = [.. Enumerable.Range(0, length).Select(i => (byte)same.Average(one => one[i]))];
        }

        return build;
    }

    private static IEnumerable<T> CommonKeys<T>(Dictionary<T, int> counts, double least) where T : notnull => counts.Where(pair => pair.Value >= least).Select(static pair => pair.Key);

    private IEnumerable<ulong> Common(Dictionary<ulong, int> counts, double share) => CommonKeys(counts, Math.Max(2, share * Members.Count));

    private static void Count<T>(Dictionary<T, int> counts, IEnumerable<T> keys) where T : notnull
    {
        foreach (var key in keys)
        {
            if (counts.Count < 8_192 || counts.ContainsKey(key))
            {
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }
    }

    private void KeepSpread(Entry entry)
    {
        if ((Members.Count - 1) % stride != 0)
        {
            return;
        }

        Spread.Add(entry);
        if (Spread.Count > Kept)
        {
            // Every second stays, and from now on every second comes in: always spread over the whole life.
            stride *= 2;
            for (var i = Spread.Count - 2; i > 0; i -= 2)
            {
                Spread.RemoveAt(i);
            }
        }
    }

    private void MakeProfile(Baseline baseline)
    {
        profiled = Members.Count;
        var least = Math.Max(2, 0.15 * Members.Count);
        var words = wordCounts.Where(pair => pair.Value >= least).Select(static pair => pair.Key).Order().ToArray();
        var weights = new float[words.Length];
        var norm = 0f;
        for (var i = 0; i < words.Length; i++)
        {
            weights[i] = (float)(Baseline.Weight(baseline.WordRate(Language, words[i])) * wordCounts[words[i]] / Members.Count);
            norm += weights[i] * weights[i];
        }

        Profile = new WeighedWords { Words = words, Weights = weights, Norm = MathF.Sqrt(norm) };
        ProfileThreshold = Threshold(baseline);
    }

    // Five or six deviations above unrelated letters, and above the closest of them; a brief cluster meets fewer others by chance.
    private double Threshold(Baseline baseline)
    {
        var (count, sum, squares, most) = (0, 0.0, 0.0, 0.0);
        foreach (var (letter, words) in baseline.Sample(Language))
        {
            if (letter.At < First - DetectorLimits.WindowSeconds || letter.At > Last + DetectorLimits.WindowSeconds)
            {
                var cosine = Profile!.Cosine(words);
                (count, sum, squares, most) = (count + 1, sum + cosine, squares + cosine * cosine, Math.Max(most, cosine));
            }
        }

        if (count < 50)
        {
            return 0.7;
        }

        var mean = sum / count;
        var deviation = Math.Sqrt(Math.Max(0, squares / count - mean * mean));
        var brief = Last - First <= 2 * 86_400;
        return Math.Max(0.35, brief ? Math.Max(mean + 5 * deviation, most + 0.04) : Math.Max(mean + 6 * deviation, most + 0.08));
    }
}
