using Poc.Campaigns.Requests;

namespace Poc.Campaigns.Bench;

/// <summary>What one run over generated letters came to.</summary>
internal sealed record AccuracyResult(double Precision, double Recall, double FalsePerThousand, int Found, int Planted, double DeclaredFlagged, IReadOnlyList<string> Missed, IReadOnlyDictionary<string, int> FalseKinds,
    IReadOnlyDictionary<string, double> DelayHours, IReadOnlyDictionary<string, double> RecallOf)
{
    internal double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    public override string ToString() => $"F1 {F1:0.000} P {Precision:0.000} R {Recall:0.000} FA/1000 {FalsePerThousand:0.00} found {Found}/{Planted} declared flagged {DeclaredFlagged:P1}";
}

/// <summary>Runs the engine over generated letters and compares.</summary>
internal static class Accuracy
{
    internal static AccuracyResult Measure(IReadOnlyList<Generated> letters, IReadOnlyList<DeclaredTemplate> templates, TextWriter? diagnose)
    {
        var fingerprinter = new Fingerprinter(new DeclaredTemplates(templates));
        var prints = letters.Select(one => fingerprinter.Of(one.Request)).ToList();
        var baseline = new Baseline();
        prints.ForEach(baseline.Observe);
        baseline.Learn();
        var detector = new CampaignDetector(baseline);
        prints.ForEach(detector.Add);
        detector.Settle();
        if (diagnose is not null)
        {
            Diagnose(letters, detector.Campaigns, diagnose);
        }

        return Score(letters, detector.Campaigns.ToList());
    }

    private static void Diagnose(IReadOnlyList<Generated> letters, IEnumerable<Campaign> campaigns, TextWriter output)
    {
        var truth = letters.ToDictionary(static one => one.Request.Id, static one => one.Campaign ?? one.Kind);
        foreach (var campaign in campaigns.Where(campaign => campaign.Members.Select(member => truth[member.Id]).Distinct().Count() > 1 || campaign.Members.Any(member => !truth[member.Id].Contains('-'))))
        {
            output.WriteLine($"   {campaign.Number} by {campaign.FoundBy}: {string.Join(' ', campaign.Members.GroupBy(member => truth[member.Id] + "/" + member.JoinedBy).Select(static group => group.Key + ":" + group.Count()))}"
                + $" p {campaign.P:e1} adjusted {campaign.AdjustedP:e1} rate {campaign.ChanceRate:e1}; {string.Join("; ", campaign.Explanations.Select(static one => one.Detail))};"
                + $" {string.Join(" | ", campaign.Links.Take(3).Select(static link => $"{link.One}-{link.Other} {link.Score:0.0} {string.Join(", ", link.Grounds)}"))}");
        }
    }

    private static AccuracyResult Score(IReadOnlyList<Generated> letters, List<Campaign> campaigns)
    {
        var flagged = campaigns.SelectMany(static campaign => campaign.Members.Select(member => (member.Id, campaign))).GroupBy(static pair => pair.Id).ToDictionary(static group => group.Key, static group => group.First().campaign);
        var planted = letters.Where(static one => one.Campaign is not null).ToList();
        var hits = planted.Count(one => flagged.ContainsKey(one.Request.Id));
        var wrong = letters.Where(one => one.Campaign is null && flagged.ContainsKey(one.Request.Id)).ToList();
        var organic = letters.Count(static one => one.Kind is "organic" or "news" or "boilerplate");
        var declared = letters.Where(static one => one.Kind == "declared").ToList();
        var byCampaign = planted.GroupBy(static one => one.Campaign!).ToDictionary(static group => group.Key, static group => group.ToList());
        var truth = letters.ToDictionary(static one => one.Request.Id, static one => one.Campaign);
        var (missed, delays, recalls) = (new List<string>(), new Dictionary<string, double>(), new Dictionary<string, double>());
        foreach (var (name, members) in byCampaign)
        {
            var best = members.Where(one => flagged.ContainsKey(one.Request.Id)).GroupBy(one => flagged[one.Request.Id]).OrderByDescending(static group => group.Count()).FirstOrDefault();
            var pure = best is null ? 0 : best.Key.Members.Count(member => truth[member.Id] == name) / (double)best.Key.Members.Count();
            recalls[name] = members.Count(one => flagged.ContainsKey(one.Request.Id)) / (double)members.Count;
            if (best is null || best.Count() < 0.5 * members.Count || pure < 0.5)
            {
                missed.Add($"{name}({best?.Count() ?? 0}/{members.Count(one => flagged.ContainsKey(one.Request.Id))}/{pure:0.0})");
            }
            else
            {
                delays[name] = (best.Key.RaisedAt - members[0].Request.At) / 3_600.0;
            }
        }

        return new AccuracyResult(
            hits + wrong.Count == 0 ? 1 : hits / (double)(hits + wrong.Count), planted.Count == 0 ? 1 : hits / (double)planted.Count, 1000.0 * wrong.Count(static one => one.Kind != "declared") / Math.Max(1, organic),
            byCampaign.Count - missed.Count, byCampaign.Count, declared.Count(one => flagged.ContainsKey(one.Request.Id)) / (double)Math.Max(1, declared.Count), missed,
            wrong.GroupBy(static one => one.Kind).ToDictionary(static group => group.Key, static group => group.Count()), delays, recalls);
    }
}
