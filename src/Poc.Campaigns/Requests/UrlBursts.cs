using System.Globalization;
using System.Runtime.InteropServices;
using Poc.Kernel.Text;

namespace Poc.Campaigns.Requests;

/// <summary>Requests that cite one link, without a pause of a day.</summary>
internal sealed class UrlBurst(ulong url, ulong host)
{
    internal ulong Url { get; } = url;

    internal ulong Host { get; } = host;

    internal List<Entry> Entries { get; } = [];

    internal Campaign? Campaign { get; set; }

    internal long First => Entries[0].Print.At;

    internal long Last => Entries[^1].Print.At;

    internal bool Changed { get; set; }
}

/// <summary>What was found about a burst of one link.</summary>
internal sealed record UrlFinding(double P, double Score, IReadOnlyList<CheckedExplanation> Explanations);

/// <summary>
/// Bursts of one link. A burst alone cannot tell a reaction to news from coordination, so each is judged by how people react to something they read: some quote it, they come over a day
/// and more, and its site is one that others cite too. Where enough sources cite an unknown page within hours and nobody quotes a word of it, those explanations fail.
/// </summary>
internal sealed class UrlBursts(Baseline baseline)
{
    /// <summary>The log likelihood ratio from which a burst is raised: coordination is e⁵ ≈ 150 times as likely as a reaction.</summary>
    internal const double Raised = 5;

    // Of people who react to an article about a third quote it; of people who only pass a link on hardly anybody.
    private const double QuotingReaders = 0.35;
    private const double QuotingSenders = 0.02;
    private const long Pause = 86_400;
    private const long Decision = 24 * 3_600;
    private const int MaximumEntries = 2_048;
    private readonly Dictionary<ulong, UrlBurst> bursts = [];
    private readonly Dictionary<string, UsualPassages> usual = [];

    /// <summary>Links whose citations are held.</summary>
    internal int Held => bursts.Count;

    internal int Open => bursts.Values.Count(static burst => burst.Entries.Count >= DetectorLimits.Sources);

    internal void Add(Entry entry)
    {
        for (var i = 0; i < entry.Print.Urls.Length; i++)
        {
            var url = entry.Print.Urls[i];
            if (!bursts.TryGetValue(url, out var burst) || burst.Last < entry.Print.At - Pause)
            {
                bursts[url] = burst = new UrlBurst(url, entry.Print.Hosts[i]);
            }

            if (burst.Entries.Count < MaximumEntries)
            {
                burst.Entries.Add(entry);
                burst.Changed = true;
            }
        }
    }

    internal void Restore(Entry entry, Campaign? campaign)
    {
        foreach (var url in entry.Print.Urls)
        {
            if (campaign?.Link == url && bursts.TryGetValue(url, out var burst))
            {
                burst.Campaign = campaign;
            }
        }
    }

    /// <summary>Bursts that are old enough to judge: a day, for by then readers have quoted and campaigns have ended.</summary>
    internal IEnumerable<UrlBurst> Due(long clock, bool final)
    {
        foreach (var burst in bursts.Values.Where(burst => burst.Changed && burst.Entries.Count >= DetectorLimits.Sources && (final || clock - burst.First >= Decision)).OrderBy(static burst => burst.First).ToList())
        {
            burst.Changed = false;
            yield return burst;
        }
    }

    internal void Expire(long clock)
    {
        // Links that few cite never come to be judged; they leave with the window.
        foreach (var burst in bursts.Values.Where(burst => burst.Last < clock - Pause && (!burst.Changed || burst.Entries.Count < DetectorLimits.Sources && burst.Last < clock - DetectorLimits.WindowSeconds)).ToList())
        {
            bursts.Remove(burst.Url);
        }
    }

    /// <summary>Entries that cite a link now, of a burst that is open.</summary>
    internal IReadOnlyList<Entry> Citing(ulong url) => bursts.TryGetValue(url, out var burst) ? burst.Entries : [];

    internal UrlFinding Judge(UrlBurst burst)
    {
        var entries = burst.Entries;
        var sources = entries.Select(static entry => entry.Print.Source).Distinct().Count();
        var days = Math.Max(1, (burst.Last - burst.First) / 86_400.0);
        var otherDays = Math.Max(0, baseline.DaysWithLink(burst.Url) - (int)Math.Ceiling(days));
        var mean = (otherDays + 0.5) / Math.Max(1, baseline.Days) * days;
        var p = Significance.NegativeBinomialTail(sources, mean, shape: 1);

        var (quoting, quoteScore) = Quoting(entries);
        var hours = ShortestHolding(entries, 0.8) / 3_600.0;
        var timeScore = Math.Clamp(2 * Math.Log(12 / Math.Max(hours, 0.5)), -4, 3);
        var hostDays = baseline.DaysWithLink(burst.Host) - baseline.DaysWithLink(burst.Url);
        var hostScore = hostDays >= 3 ? -1 : hostDays <= 0 ? 1 : 0;
        return new UrlFinding(p, Math.Min(quoteScore, 8) + timeScore + hostScore,
        [
            new("shared reaction: readers quote what they react to", quoteScore < 0, string.Create(CultureInfo.InvariantCulture, $"{quoting} of {entries.Count} share a passage with others; about a third of readers do")),
            new("news: reactions come over more than half a day", timeScore < 0, string.Create(CultureInfo.InvariantCulture, $"80 % came within {hours:0.0} h")),
            new("a site that is often cited", hostScore < 0, string.Create(CultureInfo.InvariantCulture, $"the site is cited with other pages on {Math.Max(0, hostDays)} days")),
        ]);
    }

    /// <summary>How many entries quote: they hold a passage that others of the burst hold too, or one between quotation marks; and the log likelihood ratio of senders to readers.</summary>
    internal (int Quoting, double Score) Quoting(List<Entry> entries)
    {
        // Seven consecutive words are a passage. Stock sentences recur by chance: only what far more hold here than unrelated letters of the language would is a quotation.
        var (quoting, score) = (0, 0.0);
        foreach (var language in entries.GroupBy(static entry => entry.Print.Language))
        {
            var here = language.Select(static entry => Passages(entry.Print.Words)).ToList();
            var holders = CountHolders(here);
            var elsewhere = Usual(language.Key).Outside(entries[0].Print.At - Pause, entries[^1].Print.At + Pause);
            var tries = Math.Max(1, holders.Values.Count(static count => count > 1));
            var fewest = here.Count * (here.Count - 1) / 2 * elsewhere.PairRate < 0.05 ? 2 : 3;
            var quoted = holders.Where(pair => pair.Value >= fewest
                && Significance.PoissonTail(pair.Value, here.Count * (elsewhere.Holders(pair.Key) + 0.5) / Math.Max(200, elsewhere.Letters)) < 0.01 / (pair.Value == 2 ? 1 : tries)).Select(static pair => pair.Key).ToHashSet();
            var marked = Usual(language.Key).Quoting < 0.1 * elsewhere.Letters;
            var found = language.Zip(here).Count(pair => marked && pair.First.Print.HasQuotation || Array.Exists(pair.Second, quoted.Contains));

            // A passage is only noticed where enough others hold it: of few letters in one language, few quotations are found even among readers.
            var noticed = QuotingReaders * Math.Max(Noticing(here.Count - 1, fewest - 1), 0);
            quoting += found;
            score += found * Math.Log(QuotingSenders / QuotingReaders) + (here.Count - found) * Math.Log((1 - QuotingSenders) / (1 - noticed));
        }

        return (quoting, score);
    }

    // The chance that at least so many of the others quote too.
    private static double Noticing(int others, int needed)
    {
        var none = Math.Pow(1 - QuotingReaders, others);
        return others < needed ? 0 : needed == 1 ? 1 - none : 1 - none - others * QuotingReaders * Math.Pow(1 - QuotingReaders, others - 1);
    }

    private static Dictionary<ulong, int> CountHolders(IEnumerable<ulong[]> letters)
    {
        var holders = new Dictionary<ulong, int>();
        foreach (var passages in letters)
        {
            foreach (var passage in passages)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(holders, passage, out _)++;
            }
        }

        return holders;
    }

    /// <summary>The different passages of a letter, by their hashes.</summary>
    private static ulong[] Passages(uint[] words)
    {
        const int Length = 7;
        var passages = new HashSet<ulong>(Math.Max(0, words.Length - Length + 1));
        for (var i = 0; i + Length <= words.Length; i++)
        {
            var passage = 0UL;
            for (var k = 0; k < Length; k++)
            {
                passage = MinHash.Mix(passage * 31 + words[i + k]);
            }

            passages.Add(passage);
        }

        return [.. passages];
    }

    private UsualPassages Usual(string language)
    {
        var sample = baseline.Sample(language);
        if (!usual.TryGetValue(language, out var known) || known.Sample != sample)
        {
            usual[language] = known = new UsualPassages(sample);
        }

        return known;
    }

    /// <summary>The passages of a sample of unrelated letters, worked out once for all bursts.</summary>
    private sealed class UsualPassages
    {
        private readonly ulong[][] passages;
        private readonly Dictionary<ulong, int> holders;
        private readonly double pairs;

        internal UsualPassages(IReadOnlyList<(Fingerprint Letter, WeighedWords Words)> sample)
        {
            Sample = sample;
            Quoting = sample.Count(static one => one.Letter.HasQuotation);
            passages = [.. sample.Select(static one => Passages(one.Letter.Words))];
            holders = CountHolders(passages);
            pairs = holders.Values.Sum(static count => Pairs(count));
        }

        internal IReadOnlyList<(Fingerprint Letter, WeighedWords Words)> Sample { get; }

        /// <summary>How many of them hold something between quotation marks.</summary>
        internal int Quoting { get; }

        /// <summary>Without the letters of a time, both ends counted among it.</summary>
        internal Rest Outside(long from, long to)
        {
            var inside = CountHolders(passages.Where((_, i) => Sample[i].Letter.At >= from && Sample[i].Letter.At <= to));
            var letters = Sample.Count(one => one.Letter.At < from || one.Letter.At > to);
            // All of these are whole numbers that a double holds, so that taking away is as good as counting anew.
            var left = pairs - inside.Sum(pair => Pairs(holders[pair.Key]) - Pairs(holders[pair.Key] - pair.Value));
            return new(holders, inside, letters, left / Math.Max(1, letters * (letters - 1.0) / 2));
        }

        private static double Pairs(int count) => count * (count - 1.0) / 2;

        /// <summary>What is left of the sample.</summary>
        /// <param name="all">How many letters of the whole sample hold a passage.</param>
        /// <param name="left">How many of those left out.</param>
        /// <param name="letters">How many letters are left.</param>
        /// <param name="pairRate">How often two unrelated letters share a passage; several passages of one pair count several times, which errs towards finding none.</param>
        internal sealed class Rest(Dictionary<ulong, int> all, Dictionary<ulong, int> left, int letters, double pairRate)
        {
            internal int Letters => letters;

            internal double PairRate => pairRate;

            internal int Holders(ulong passage) => all.GetValueOrDefault(passage) - left.GetValueOrDefault(passage);
        }
    }

    private static long ShortestHolding(List<Entry> entries, double share)
    {
        var held = Math.Max(2, (int)Math.Ceiling(entries.Count * share));
        var least = long.MaxValue;
        for (var i = 0; i + held <= entries.Count; i++)
        {
            least = Math.Min(least, entries[i + held - 1].Print.At - entries[i].Print.At);
        }

        return least;
    }
}
