using System.Globalization;

namespace Poc.Campaigns.Requests;

/// <summary>
/// What two clusters share beside their wording: rare links, rare numbers and names (the same in every language and script), the time, the build of the letter. Each adds weight, roughly
/// a log likelihood ratio; from <see cref="Joining"/> on they are taken as one campaign, and the grounds are listed with it.
/// </summary>
internal static class ClusterLinks
{
    /// <summary>The weight that joins two clusters.</summary>
    internal const double Joining = 6;

    private const int BuildAlone = 4;
    private const long Slack = 6 * 3_600;

    internal static CampaignLink? Between(WordingCluster one, WordingCluster other, Baseline baseline, UrlBursts urls, Func<Entry, Entry, bool> alike)
    {
        if (one.First > other.Last + Slack || other.First > one.Last + Slack)
        {
            return null;
        }

        var (spanOne, spanOther) = (Span(one), Span(other));
        var (shorter, longer) = (Math.Min(spanOne, spanOther), Math.Max(spanOne, spanOther));
        var overlap = Math.Min(one.Quantile(0.9), other.Quantile(0.9)) - Math.Max(one.Quantile(0.1), other.Quantile(0.1));
        if (longer > 6 * shorter || overlap < -0.5 * longer)
        {
            // One act has one time: a wording that is around for weeks is no part of an afternoon's.
            return null;
        }

        var grounds = new List<string>();
        var score = one.Language == other.Language ? SameLanguage(one, other, alike, grounds) : OtherLanguage(one, other, grounds);
        var shared = Links(one, other, baseline, urls, grounds) + Anchors(one, other, baseline, grounds);
        if (one.Language != other.Language && shared == 0 && Math.Min(one.Members.Count, other.Members.Count) < BuildAlone)
        {
            // Two or three letters in the same hours with as many sentences: that happens.
            return null;
        }

        score += shared;
        return score >= Joining ? new CampaignLink(one.Id, other.Id, score, grounds) : null;
    }

    private static double SameLanguage(WordingCluster one, WordingCluster other, Func<Entry, Entry, bool> alike, List<string> grounds)
    {
        var score = 0.0;
        var (pairs, matched) = (0, 0);
        foreach (var member in one.Compared())
        {
            foreach (var candidate in other.Compared())
            {
                pairs++;
                matched += alike(member, candidate) ? 1 : 0;
            }
        }

        if (matched >= 2 && matched >= 0.5 * pairs)
        {
            score += 6;
            grounds.Add(string.Create(CultureInfo.InvariantCulture, $"{matched} of {pairs} pairs of their letters are alike"));
        }
        else if (one.Profile is not null && other.Profile is not null && one.Profile.Cosine(other.Profile) is var cosine && cosine >= Math.Max(one.ProfileThreshold, other.ProfileThreshold))
        {
            score += 6;
            grounds.Add(string.Create(CultureInfo.InvariantCulture, $"their common wordings are alike (cosine {cosine:0.00})"));
        }

        return score;
    }

    private static double OtherLanguage(WordingCluster one, WordingCluster other, List<string> grounds)
    {
        var score = 0.0;
        var overlap = Math.Min(one.Quantile(0.9), other.Quantile(0.9)) - Math.Max(one.Quantile(0.1), other.Quantile(0.1));
        if (overlap >= 0.5 * Math.Min(Span(one), Span(other)))
        {
            score += 2;
            grounds.Add("they came in the same hours");
        }

        if (Math.Abs(one.First - other.First) <= Slack && Math.Abs(one.Last - other.Last) <= Slack)
        {
            score += 1;
            grounds.Add("they began and ended within six hours of each other");
        }

        return score + Build(one, other, grounds);
    }

    private static long Span(WordingCluster cluster) => Math.Max(2 * 3_600, cluster.Quantile(0.9) - cluster.Quantile(0.1));

    // A translation keeps the order of sentences, and long ones stay long.
    private static double Build(WordingCluster one, WordingCluster other, List<string> grounds)
    {
        var (a, b) = (one.TypicalBuild(), other.TypicalBuild());
        var (wordsA, wordsB) = (a.Sum(static length => length), b.Sum(static length => length));
        var ratio = wordsA / (double)Math.Max(1, wordsB);
        if (ratio is < 0.6 or > 1.67)
        {
            return -2;
        }

        if (a.Length != b.Length || a.Length < 3)
        {
            return Math.Abs(a.Length - b.Length) <= 1 ? 0 : -1;
        }

        var correlation = Correlation(a, b);
        if (correlation < 0.5)
        {
            return -1.5;
        }

        grounds.Add(string.Create(CultureInfo.InvariantCulture, $"both have {a.Length} sentences, long and short ones in the same places (correlation {correlation:0.00})"));
        return correlation >= 0.8 ? 3 : 1.5;
    }

    private static double Correlation(byte[] a, byte[] b)
    {
        var (meanA, meanB) = (a.Average(static x => x), b.Average(static x => x));
        var (ab, aa, bb) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }

        return aa == 0 || bb == 0 ? 0 : ab / Math.Sqrt(aa * bb);
    }

    private static double Links(WordingCluster one, WordingCluster other, Baseline baseline, UrlBursts urls, List<string> grounds)
    {
        foreach (var url in one.CommonUrls().Intersect(other.CommonUrls()))
        {
            // What many others cite too is news, and joins nobody.
            var citing = urls.Citing(url);
            var others = citing.Count(entry => entry.Cluster != one && entry.Cluster != other);
            if (baseline.DaysWithLink(url) <= 16 && others <= one.Members.Count + other.Members.Count)
            {
                grounds.Add("they cite the same rarely cited link");
                return 6;
            }
        }

        return 0;
    }

    private static double Anchors(WordingCluster one, WordingCluster other, Baseline baseline, List<string> grounds)
    {
        var (score, shared) = (0.0, 0);
        foreach (var anchor in one.CommonAnchors(baseline).Intersect(other.CommonAnchors(baseline)))
        {
            var rate = baseline.AnchorRate(anchor);
            if (rate <= 0.02)
            {
                shared++;
                score += Math.Min(4, -Math.Log(rate) - 2);
            }
        }

        if (shared > 0)
        {
            grounds.Add(string.Create(CultureInfo.InvariantCulture, $"they share {shared} rare numbers or names"));
        }

        return Math.Min(score, 8);
    }
}
