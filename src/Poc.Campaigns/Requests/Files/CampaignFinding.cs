using System.Globalization;

namespace Poc.Campaigns.Requests.Files;

/// <summary>One campaign as it is written to <c>campaigns.json</c>.</summary>
internal sealed record CampaignFinding(
    string Campaign, string Statement, string FoundBy, string RaisedAt, string FirstAt, string LastAt, int Requests, int Sources, int Organisations, int Individuals, IReadOnlyDictionary<string, int> Languages,
    double P, double AdjustedP, double ChanceRate, IReadOnlyList<CheckedExplanation> ExplanationsChecked, IReadOnlyList<CampaignLink> Links, IReadOnlyList<string> SharedLinks,
    IReadOnlyList<TimelineHour> Timeline, IReadOnlyList<WordingEvidence> Wordings, string Detector)
{
    internal static CampaignFinding Of(Campaign campaign, Baseline baseline, IReadOnlyDictionary<int, CampaignRequest> rows)
    {
        var members = campaign.Members.OrderBy(static member => member.At).ToList();
        var sources = members.Select(static member => member.Source).Distinct().ToList();
        var organisations = sources.Count(static source => source.StartsWith("o:", StringComparison.Ordinal));
        var languages = members.GroupBy(static member => member.Language).OrderBy(static group => group.Key, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.Count());
        var links = members.SelectMany(member => LinksOf(rows[RequestAnalysis.Row(member.Id)])).GroupBy(static url => url).Where(group => group.Count() >= 0.5 * members.Count || group.Count() >= 5)
            .OrderByDescending(static group => group.Count()).Take(20).Select(static group => group.Key).ToList();
        return new CampaignFinding(
            "c" + campaign.Number.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"similar requests from {sources.Count} independent sources"), campaign.FoundBy,
            Time(campaign.RaisedAt), Time(members[0].At), Time(members[^1].At), members.Count, sources.Count, organisations, sources.Count - organisations, languages,
            campaign.P, campaign.AdjustedP, campaign.ChanceRate, campaign.Explanations, campaign.Links, links, TimelineHour.Of(members, languages.Keys.Sum(baseline.PerDay) / 24),
            [.. campaign.Wordings.Select(wording => CampaignEvidence.Of([.. wording.OrderBy(static member => member.At).Select(member => Named(member, rows))]))], DetectorLimits.Version);
    }

    private static (CampaignMember, string) Named(CampaignMember member, IReadOnlyDictionary<int, CampaignRequest> rows)
    {
        var request = rows[RequestAnalysis.Row(member.Id)];
        return (member with { Id = request.Id }, request.Text);
    }

    private static List<string> LinksOf(CampaignRequest request) => LetterText.Of(request.Text, request.Urls).Urls;

    private static string Time(long at) => DateTimeOffset.FromUnixTimeSeconds(at).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>Requests of the campaign in a stretch of time beside what arrives in its languages in such a stretch on an ordinary day.</summary>
internal sealed record TimelineHour(string From, int Hours, int Requests, double Usual)
{
    internal static IReadOnlyList<TimelineHour> Of(List<CampaignMember> members, double usualPerHour)
    {
        // At most about eighty stretches, so that two weeks are still readable.
        var span = (members[^1].At - members[0].At) / 3_600 + 1;
        var hours = (int)Math.Max(1, (span + 79) / 80);
        var start = members[0].At / 3_600 * 3_600;
        var counts = new int[(members[^1].At - start) / (hours * 3_600L) + 1];
        foreach (var member in members)
        {
            counts[(member.At - start) / (hours * 3_600L)]++;
        }

        return [.. counts.Select((count, i) => new TimelineHour(
            DateTimeOffset.FromUnixTimeSeconds(start + i * hours * 3_600L).ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture), hours, count, Math.Round(usualPerHour * hours, 2)))];
    }
}
