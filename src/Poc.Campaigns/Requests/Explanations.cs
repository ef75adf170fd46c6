using System.Globalization;

namespace Poc.Campaigns.Requests;

/// <summary>Benign explanations of a shared wording.</summary>
internal static class Explanations
{
    /// <summary>
    /// Whether the members share one passage in one piece and nothing else: people who quote the same source. The passage is less than 45 % of the letter, or it comes with a link
    /// that at least as many others cite without it, and the rest of the letters is as different as any two letters are.
    /// </summary>
    internal static bool IsQuotation(WordingCluster cluster, Baseline baseline, UrlBursts urls) => Quotation(cluster, baseline, urls).Holds;

    internal static CheckedExplanation Quotation(WordingCluster cluster, Baseline baseline, UrlBursts urls)
    {
        const string Name = "readers quote one passage of the same source";
        var members = cluster.Compared().ToList();
        var runs = new List<SharedRuns>();
        for (var i = 0; i < members.Count; i++)
        {
            for (var j = i + 1; j < members.Count; j++)
            {
                var shared = SharedRuns.Of(members[i].Print, members[j].Print, baseline);
                if (shared.Coverage > 0)
                {
                    runs.Add(shared);
                }
            }
        }

        if (runs.Count == 0)
        {
            return new(Name, false, "no passage of three words and more is shared");
        }

        var coverage = runs.Average(static run => run.Coverage);
        var longest = runs.Average(static run => run.LongestShare);
        var rest = runs.Average(static run => run.OutsideCosine);
        var unrelated = baseline.UnrelatedCosine(cluster.Language);
        var holds = longest >= 0.5 && rest < unrelated && (coverage < 0.5 || coverage < 0.8 && OthersCite(cluster, urls));
        return new(Name, holds, string.Create(CultureInfo.InvariantCulture,
            $"{coverage:P0} of a letter is shared, {longest:P0} of that in one piece; the rest is alike by {rest:0.00}, unrelated letters by less than {unrelated:0.00}"));
    }

    private static bool OthersCite(WordingCluster cluster, UrlBursts urls)
    {
        foreach (var url in cluster.CommonUrls())
        {
            // In the first day nobody can know how many will cite it without the passage.
            var citing = urls.Citing(url);
            if (citing.Count > 0 && (citing[^1].Print.At - citing[0].Print.At < 86_400 || citing.Count(entry => entry.Cluster != cluster) >= 0.5 * citing.Count(entry => entry.Cluster == cluster)))
            {
                return true;
            }
        }

        return false;
    }
}
