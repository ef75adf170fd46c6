using System.Globalization;
using Poc.Campaigns.Report;

namespace Poc.Campaigns.Requests.Files;

/// <summary>Says for people what an analysis of requests found.</summary>
internal static class RequestReport
{
    private const int ListedMembers = 200;

    internal static CampaignReport Of(string file, RequestAnalysisSummary summary, IReadOnlyList<CampaignFinding> findings)
    {
        var sections = new List<ReportSection>
        {
            new TableSection("Groups", findings.Count == 0 ? "No group of similar requests from five and more independent sources was found." : "",
                ["group", "requests", "sources", "first (UTC)", "last (UTC)", "languages", "found by", "adjusted p"],
                [.. findings.Select(finding => Row(finding.Campaign, finding.Requests, finding.Sources, finding.FirstAt, finding.LastAt, string.Join(", ", finding.Languages.Keys), finding.FoundBy, Chance(finding.AdjustedP)))]),
        };
        foreach (var finding in findings)
        {
            Add(sections, finding);
        }

        if (summary.Issues.First.Count > 0)
        {
            sections.Add(new TableSection("Rows with problems", $"{summary.Issues.Rejected} rows were left out; the first of them:", ["line", "column", "reason"],
                [.. summary.Issues.First.Select(issue => Row(issue.Line, issue.Column, issue.Reason))]));
        }

        return new($"Similar requests in {file}",
            [
                $"Of {Text(summary.Requests)} requests, {Text(summary.Templates)} were made from declared templates; {Text(summary.Flagged)} are in {Text(summary.Campaigns)} groups of similar requests from independent sources.",
                "This is evidence, not a verdict. It says how alike requests are and how likely that is by chance, and nothing about why they were sent; a person classifies each group.",
            ],
            [new("Rows left out", Text(summary.Issues.Rejected)), new("Detector", DetectorLimits.Version)], sections);
    }

    private static void Add(List<ReportSection> sections, CampaignFinding finding)
    {
        sections.Add(new TimelineSection($"{finding.Campaign}: {finding.Statement}",
            $"{finding.Requests} requests, {finding.Individuals} individuals and {finding.Organisations} organisations. Chance of two unrelated letters being so alike: {Chance(finding.ChanceRate)}; p {Chance(finding.P)}, adjusted {Chance(finding.AdjustedP)}. "
                + $"Bars are requests of the group in each {finding.Timeline[0].Hours} h; the line is the baseline, all requests in these languages on an ordinary day.",
            "requests", [.. finding.Timeline.Select(hour => new TimelineBucket(DateTimeOffset.Parse(hour.From, CultureInfo.InvariantCulture), hour.Requests, hour.Usual))]));
        AddTable(sections, $"{finding.Campaign}: explanations checked", ["explanation", "holds", "ground"], finding.ExplanationsChecked.Select(one => Row(one.Name, one.Holds ? "yes" : "no", one.Detail)));
        if (finding.Links.Count > 0)
        {
            sections.Add(new NetworkSection($"{finding.Campaign}: its wordings", "Wordings that are taken together; a thicker line stands for more that they share.", finding.Links.Count,
                [.. finding.Links.Select(link => new NetworkEdge($"wording {link.One}", $"wording {link.Other}", link.Score))]));
            AddTable(sections, $"{finding.Campaign}: why its wordings are taken together", ["wordings", "weight", "grounds"],
                finding.Links.Select(link => Row($"{link.One}, {link.Other}", link.Score.ToString("0.0", CultureInfo.InvariantCulture), string.Join("; ", link.Grounds))));
        }

        AddTable(sections, $"{finding.Campaign}: links that many of its requests cite", ["link (canonical)"], finding.SharedLinks.Select(link => Row(link)));
        for (var number = 1; number <= finding.Wordings.Count; number++)
        {
            var wording = finding.Wordings[number - 1];
            var language = wording.Languages.Count == 1 ? wording.Languages[0] : null;
            sections.Add(new PassagesSection($"{finding.Campaign}: shared passages of {wording.Requests} requests in {string.Join(", ", wording.Languages)}",
                wording.Passages.Count == 0 ? "No passage of five words and more is shared by half of them." : "Passages of five words and more that at least half of those compared share, as one of them wrote them.",
                [.. wording.Passages.Select(passage => new Passage(passage, language, null, []))]));
            AddTable(sections, $"{finding.Campaign}: what each of these says of its own{(wording.Residues.Count > ListedMembers ? $" (the first {ListedMembers}; campaigns.json has all)" : "")}",
                ["request", "received (UTC)", "joined by", "own words", "text"],
                wording.Residues.Take(ListedMembers).Select(residue => Row(residue.Id,
                    DateTimeOffset.FromUnixTimeSeconds(residue.At).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), residue.JoinedBy, residue.Words, residue.Text)));
        }
    }

    private static void AddTable(List<ReportSection> sections, string title, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        if (rows.ToList() is { Count: > 0 } listed)
        {
            sections.Add(new TableSection(title, "", columns, listed));
        }
    }

    private static IReadOnlyList<string> Row(params IReadOnlyList<object> cells) => [.. cells.Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "")];

    private static string Chance(double p) => p.ToString("0.0e+0", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
