using System.Globalization;

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
        foreach (var burst in bursts.Values.Where(burst => burst.Last < clock - Pause && !burst.Changed).ToList())
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
            var here = language.Select(static entry => Grams(entry.Print.Words)).ToList();
            var holders = CountHolders(here);
            var elsewhere = baseline.Sample(language.Key).Where(one => one.Letter.At < entries[0].Print.At - Pause || one.Letter.At > entries[^1].Print.At + Pause).Select(static one => Grams(one.Letter.Words)).ToList();
            var usual = CountHolders(elsewhere);
            var tries = Math.Max(1, holders.Values.Count(static count => count > 1));
            var fewest = here.Count * (here.Count - 1) / 2 * PairRate(usual, elsewhere.Count) < 0.05 ? 2 : 3;
            var quoted = holders.Where(pair => pair.Value >= fewest
                && Significance.PoissonTail(pair.Value, here.Count * (usual.GetValueOrDefault(pair.Key) + 0.5) / Math.Max(200, elsewhere.Count)) < 0.01 / (pair.Value == 2 ? 1 : tries)).Select(static pair => pair.Key).ToHashSet();
            var marked = baseline.Sample(language.Key).Count(static one => one.Letter.HasQuotation) < 0.1 * elsewhere.Count;
            var found = language.Zip(here).Count(pair => pair.Second.Overlaps(quoted) || marked && pair.First.Print.HasQuotation);

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

    // How often two unrelated letters share a passage; several passages of one pair count several times, which errs towards finding none.
    private static double PairRate(Dictionary<ulong, int> holders, int letters) =>
        holders.Values.Sum(static count => count * (count - 1.0) / 2) / Math.Max(1, letters * (letters - 1.0) / 2);

    private static Dictionary<ulong, int> CountHolders(List<HashSet<ulong>> letters)
    {
        var holders = new Dictionary<ulong, int>();
        foreach (var gram in letters.SelectMany(static grams => grams))
        {
            holders[gram] = holders.GetValueOrDefault(gram) + 1;
        }

        return holders;
    }

    private static HashSet<ulong> Grams(uint[] words)
    {
        const int Length = 7;
        var grams = new HashSet<ulong>();
        for (var i = 0; i + Length <= words.Length; i++)
        {
            var gram = 0UL;
            for (var k = 0; k < Length; k++)
            {
                gram = MinHash.Mix(gram * 31 + words[i + k]);
            }

            grams.Add(gram);
        }

        return grams;
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
