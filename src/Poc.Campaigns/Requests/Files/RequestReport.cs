using System.Globalization;
using System.Net;
using System.Text;

namespace Poc.Campaigns.Requests.Files;

/// <summary>The findings as one page: no script, nothing fetched, each picture with its table.</summary>
internal static class RequestReport
{
    private const int ListedMembers = 200;

    internal static string Html(string file, RequestAnalysisSummary summary, IReadOnlyList<CampaignFinding> findings)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Similar requests in {Text(file)}</title>
            <style>
            body {"{"} font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff {"}"}
            table {"{"} border-collapse: collapse; width: 100%; margin: .5rem 0 {"}"} th, td {"{"} text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #bbb; vertical-align: top; overflow-wrap: anywhere {"}"}
            blockquote {"{"} border-left: .25rem solid #555; margin: .5rem 0; padding: .2rem .8rem; background: #f2f2f2 {"}"} svg {"{"} width: 100%; height: auto {"}"}
            section {"{"} margin: 3rem 0 {"}"} summary {"{"} cursor: pointer {"}"}
            </style></head><body><main>
            <h1>Similar requests in {Text(file)}</h1>
            <p>{summary.Rows:N0} rows, {summary.BadRows:N0} of them unreadable; {summary.Templates:N0} made from declared templates; {summary.Flagged:N0} in {summary.Campaigns:N0} groups of similar requests from independent sources.</p>
            <p>This is evidence, not a verdict. It says how alike requests are and how likely that is by chance, and nothing about why they were sent; a person classifies each group. Detector {Text(DetectorLimits.Version)}.</p>

            """);
        Overview(page, findings);
        foreach (var finding in findings)
        {
            Section(page, finding);
        }

        return page.Append("</main></body></html>\n").ToString();
    }

    private static void Overview(StringBuilder page, IReadOnlyList<CampaignFinding> findings)
    {
        if (findings.Count == 0)
        {
            page.Append("<p>No group of similar requests from five and more independent sources was found.</p>\n");
            return;
        }

        page.Append("<table><caption>Groups</caption><thead><tr><th>Group</th><th>Requests</th><th>Sources</th><th>First (UTC)</th><th>Last (UTC)</th><th>Languages</th><th>Found by</th><th>Adjusted p</th></tr></thead><tbody>\n");
        foreach (var finding in findings)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td><a href=\"#{finding.Campaign}\">{finding.Campaign}</a></td><td>{finding.Requests}</td><td>{finding.Sources}</td><td>{finding.FirstAt}</td><td>{finding.LastAt}</td><td>{Text(string.Join(", ", finding.Languages.Keys))}</td><td>{Text(finding.FoundBy)}</td><td>{finding.AdjustedP:0.0e+0}</td></tr>\n");
        }

        page.Append("</tbody></table>\n");
    }

    private static void Section(StringBuilder page, CampaignFinding finding)
    {
        page.Append(CultureInfo.InvariantCulture, $"<section id=\"{finding.Campaign}\"><h2>{finding.Campaign}: {Text(finding.Statement)}</h2>\n");
        page.Append(CultureInfo.InvariantCulture,
            $"<p>{finding.Requests} requests, {finding.Individuals} individuals and {finding.Organisations} organisations. Chance of two unrelated letters being so alike: {finding.ChanceRate:0.0e+0}; p {finding.P:0.0e+0}, adjusted {finding.AdjustedP:0.0e+0}.</p>\n");
        Timeline(page, finding);
        Rows(page, "Explanations checked", ["Explanation", "Holds", "Ground"], finding.ExplanationsChecked.Select(static one => new[] { one.Name, one.Holds ? "yes" : "no", one.Detail }));
        Rows(page, "Why the wordings are taken together", ["Wordings", "Weight", "Grounds"],
            finding.Links.Select(static link => new[] { string.Create(CultureInfo.InvariantCulture, $"{link.One}, {link.Other}"), link.Score.ToString("0.0", CultureInfo.InvariantCulture), string.Join("; ", link.Grounds) }));
        Rows(page, "Links that many of them cite", ["Link (canonical)"], finding.SharedLinks.Select(static link => new[] { link }));
        var number = 0;
        foreach (var wording in finding.Wordings)
        {
            page.Append(CultureInfo.InvariantCulture, $"<h3>Wording {++number}: {wording.Requests} requests in {Text(string.Join(", ", wording.Languages))}</h3>\n");
            page.Append(wording.Passages.Count == 0 ? "<p>No passage of five words and more is shared by half of them.</p>\n" : "<h4>Shared passages</h4>\n");
            foreach (var passage in wording.Passages)
            {
                page.Append(CultureInfo.InvariantCulture, $"<blockquote>{Text(passage)}</blockquote>\n");
            }

            page.Append("<details><summary>What each says of its own</summary>\n");
            Rows(page, "Residue", ["Request", "Received", "Joined by", "Own words", "Text"], wording.Residues.Take(ListedMembers).Select(static residue => new[]
            {
                residue.Id, DateTimeOffset.FromUnixTimeSeconds(residue.At).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), residue.JoinedBy, residue.Words.ToString(CultureInfo.InvariantCulture), residue.Text,
            }));
            page.Append(wording.Residues.Count > ListedMembers ? $"<p>The rest is in campaigns.json.</p></details>\n" : "</details>\n");
        }

        page.Append("</section>\n");
    }

    private static void Timeline(StringBuilder page, CampaignFinding finding)
    {
        var most = Math.Max(1, finding.Timeline.Max(static hour => Math.Max(hour.Requests, hour.Usual)));
        var width = 800.0 / finding.Timeline.Count;
        page.Append(CultureInfo.InvariantCulture, $"<figure><svg viewBox=\"0 0 800 160\" role=\"img\" aria-label=\"Requests over time beside the usual number; the table below holds the same\">\n");
        for (var i = 0; i < finding.Timeline.Count; i++)
        {
            var height = finding.Timeline[i].Requests / most * 150;
            page.Append(CultureInfo.InvariantCulture, $"<rect x=\"{i * width:0.##}\" y=\"{155 - height:0.##}\" width=\"{Math.Max(1, width - 1):0.##}\" height=\"{height:0.##}\" fill=\"#1f4e79\"/>");
        }

        var usual = 155 - finding.Timeline[0].Usual / most * 150;
        page.Append(CultureInfo.InvariantCulture, $"\n<line x1=\"0\" x2=\"800\" y1=\"{usual:0.##}\" y2=\"{usual:0.##}\" stroke=\"#b30000\" stroke-width=\"2\" stroke-dasharray=\"6 4\"/></svg>");
        page.Append(CultureInfo.InvariantCulture, $"<figcaption>Requests of the group in each {finding.Timeline[0].Hours} h; dashed: all requests in these languages on an ordinary day.</figcaption></figure>\n<details><summary>The same as a table</summary>\n");
        Rows(page, "Timeline", ["From (UTC)", "Requests", "Usual"], finding.Timeline.Select(static hour => new[] { hour.From, hour.Requests.ToString(CultureInfo.InvariantCulture), hour.Usual.ToString("0.##", CultureInfo.InvariantCulture) }));
        page.Append("</details>\n");
    }

    private static void Rows(StringBuilder page, string caption, string[] header, IEnumerable<string[]> rows)
    {
        var body = rows.Select(static row => "<tr>" + string.Concat(row.Select(static cell => "<td>" + Text(cell) + "</td>")) + "</tr>\n").ToList();
        if (body.Count > 0)
        {
            page.Append("<table><caption>").Append(Text(caption)).Append("</caption><thead><tr>").Append(string.Concat(header.Select(static name => "<th>" + Text(name) + "</th>"))).Append("</tr></thead><tbody>\n")
                .AppendJoin("", body).Append("</tbody></table>\n");
        }
    }

    private static string Text(string value) => WebUtility.HtmlEncode(value);
}
