using System.Globalization;
using System.Net;
using System.Text;

namespace Poc.Campaigns.Report;

/// <summary>
/// Writes a report as one HTML page: no scripts, nothing loaded from elsewhere, readable by a screen reader, on paper, and with colours switched off. Each picture is followed by
/// a table that says the same.
/// </summary>
public static class ReportPage
{
    /// <summary>Connections drawn, and rows of the table beside the picture.</summary>
    public const int DrawnEdges = 150;

    private const string Style = """
        :root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--bar:#1f5fa8;--line:#b3420e;--rule:#767676}
        @media (prefers-color-scheme:dark){:root{--ink:#eee;--paper:#161616;--bar:#7fb2ec;--line:#ff9d6b;--rule:#9a9a9a}}
        body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:70rem;margin:0 auto;padding:1rem}
        h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem}
        svg{width:100%;height:auto;border:1px solid var(--rule)}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
        .bar{fill:var(--bar)}.base{fill:none;stroke:var(--line);stroke-width:2}.axis,.edge{stroke:var(--rule)}.edge{stroke-opacity:.7}.node{fill:var(--bar)}
        .scroll{overflow:auto;max-height:30rem}table{border-collapse:collapse}caption{text-align:left;font-weight:600;padding:.3rem 0}
        th,td{border:1px solid var(--rule);padding:.2rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}td.n{text-align:right;font-variant-numeric:tabular-nums}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}blockquote{margin:.5rem 0;padding-left:1rem;border-left:4px solid var(--rule);white-space:pre-wrap}
        @media print{.scroll{max-height:none;overflow:visible}}
        """;

    /// <summary>Writes the whole page.</summary>
    public static void Write(TextWriter output, CampaignReport report)
    {
        output.Write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        output.Write("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
        output.Write($"<title>{Text(report.Title)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<main>\n<h1>{Text(report.Title)}</h1>\n");
        foreach (var sentence in report.Summary)
        {
            output.Write($"<p>{Text(sentence)}</p>\n");
        }

        output.Write("<dl>\n");
        foreach (var fact in report.Facts)
        {
            output.Write($"<dt>{Text(fact.Name)}</dt><dd>{Text(fact.Value)}</dd>\n");
        }

        output.Write("</dl>\n");
        for (var index = 0; index < report.Sections.Count; index++)
        {
            var section = report.Sections[index];
            output.Write($"<section aria-labelledby=\"s{index}\">\n<h2 id=\"s{index}\">{Text(section.Title)}</h2>\n");
            if (section.Explanation.Length > 0)
            {
                output.Write($"<p>{Text(section.Explanation)}</p>\n");
            }

            WriteSection(output, section, index);
            output.Write("</section>\n");
        }

        output.Write("</main>\n</body>\n</html>\n");
    }

    private static void WriteSection(TextWriter output, ReportSection section, int index)
    {
        switch (section)
        {
            case TimelineSection timeline:
                WriteTimeline(output, timeline, index);
                break;
            case NetworkSection network:
                WriteNetwork(output, network, index);
                break;
            case PassagesSection passages:
                WritePassages(output, passages);
                break;
            case TableSection table:
                WriteTable(output, table.Title, table.Columns, table.Rows);
                break;
            default:
                throw new NotSupportedException($"A section of type {section.GetType().Name} cannot be written.");
        }
    }

    private static void WriteTimeline(TextWriter output, TimelineSection timeline, int index)
    {
        const double Width = 1000, Height = 260, Left = 50, Bottom = 30, Top = 10;
        var buckets = timeline.Buckets;
        if (buckets.Count == 0)
        {
            output.Write("<p>Nothing to show.</p>\n");
            return;
        }

        var highest = Math.Max(1, buckets.Max(bucket => Math.Max(bucket.Observed, bucket.Baseline)));
        var step = (Width - Left) / buckets.Count;
        var peak = buckets.MaxBy(bucket => bucket.Observed)!;
        BeginPicture(output, index, Width, Height, timeline.Title,
            $"Bars: {timeline.Unit} observed; line: baseline. {buckets.Count} intervals from {Time(buckets[0].Start)} to {Time(buckets[^1].Start)}; the highest, {Number(peak.Observed)} against a baseline of {Number(peak.Baseline)}, begins {Time(peak.Start)}. The table below holds the same numbers.");
        output.Write(string.Create(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{Left}\" y1=\"{Height - Bottom}\" x2=\"{Width}\" y2=\"{Height - Bottom}\"/>"));
        output.Write($"<text x=\"4\" y=\"{Top + 12}\">{Number(highest)}</text><text x=\"4\" y=\"{Height - Bottom}\">0</text>");
        output.Write($"<text x=\"{Left}\" y=\"{Height - 10}\">{Time(buckets[0].Start)}</text><text x=\"{Width - 4}\" y=\"{Height - 10}\" text-anchor=\"end\">{Time(buckets[^1].Start)}</text>\n");
        var line = new StringBuilder();
        for (var i = 0; i < buckets.Count; i++)
        {
            var x = Left + (i * step);
            if (buckets[i].Observed > 0)
            {
                output.Write(string.Create(CultureInfo.InvariantCulture,
                    $"<rect class=\"bar\" x=\"{x:0.##}\" y=\"{Y(buckets[i].Observed):0.##}\" width=\"{Math.Max(.5, step * .85):0.##}\" height=\"{Height - Bottom - Y(buckets[i].Observed):0.##}\"/>"));
            }

            line.Append(CultureInfo.InvariantCulture, $"{x + (step / 2):0.##},{Y(buckets[i].Baseline):0.##} ");
        }

        output.Write($"\n<polyline class=\"base\" points=\"{line}\"/>\n</svg>\n");
        WriteTable(output, $"{timeline.Title}: {timeline.Unit} and baseline by interval, intervals without either left out", ["from (UTC)", timeline.Unit, "baseline"],
            buckets.Where(bucket => bucket.Observed > 0 || bucket.Baseline > 0).Select(bucket => (IReadOnlyList<string>)[Time(bucket.Start), Number(bucket.Observed), Number(bucket.Baseline)]));

        double Y(double value) => Top + ((Height - Bottom - Top) * (1 - (value / highest)));
    }

    private static void WriteNetwork(TextWriter output, NetworkSection network, int index)
    {
        var edges = network.Edges.OrderByDescending(edge => edge.Weight).Take(DrawnEdges).ToList();
        if (edges.Count == 0)
        {
            output.Write("<p>No connections.</p>\n");
            return;
        }

        const double Size = 800;
        var layout = NetworkLayout.Place(edges, Size);
        var heaviest = edges.Max(edge => edge.Weight);
        var left = network.Connections - edges.Count;
        BeginPicture(output, index, Size, Size, network.Title,
            $"{layout.Count} nodes and their {edges.Count} strongest connections{(left > 0 ? $"; {left} weaker ones are not drawn" : "")}. The table below lists the connections drawn.");
        foreach (var edge in edges)
        {
            var (from, to) = (layout[edge.From], layout[edge.To]);
            output.Write(string.Create(CultureInfo.InvariantCulture,
                $"<line class=\"edge\" x1=\"{from.X:0.#}\" y1=\"{from.Y:0.#}\" x2=\"{to.X:0.#}\" y2=\"{to.Y:0.#}\" stroke-width=\"{1 + (4 * edge.Weight / heaviest):0.##}\"/>"));
        }

        output.Write('\n');
        foreach (var (label, (x, y)) in layout)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"<circle class=\"node\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"5\"><title>{Text(label)}</title></circle>"));
        }

        output.Write("\n</svg>\n");
        WriteTable(output, $"{network.Title}: the {edges.Count} strongest of {network.Connections} connections", ["one end", "other end", "weight"],
            edges.Select(edge => (IReadOnlyList<string>)[edge.From, edge.To, Number(edge.Weight)]));
    }

    private static void WritePassages(TextWriter output, PassagesSection passages)
    {
        if (passages.Passages.Count == 0)
        {
            output.Write("<p>None.</p>\n");
            return;
        }

        output.Write("<ol>\n");
        foreach (var passage in passages.Passages)
        {
            var language = passage.Language is null ? "" : $" lang=\"{Text(passage.Language)}\"";
            output.Write($"<li><blockquote{language} dir=\"auto\">{Text(passage.Text)}</blockquote>{Where(passage)}</li>\n");
        }

        output.Write("</ol>\n");
    }

    private static string Where(Passage passage) =>
        passage.Occurrences is { } count ? $"<p>In {count}: {Text(string.Join(", ", passage.Where))}{(passage.Where.Count < count ? ", …" : "")}</p>" : "";

    private static void BeginPicture(TextWriter output, int index, double width, double height, string title, string description) =>
        output.Write($"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"t{index} d{index}\">\n<title id=\"t{index}\">{Text(title)}</title><desc id=\"d{index}\">{Text(description)}</desc>\n");

    private static void WriteTable(TextWriter output, string caption, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        // A region that scrolls takes the focus, so that it can be scrolled with the keys.
        output.Write($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Text(caption)}\"><table>\n<caption>{Text(caption)}</caption>\n<thead><tr>");
        foreach (var column in columns)
        {
            output.Write($"<th scope=\"col\">{Text(column)}</th>");
        }

        output.Write("</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            output.Write("<tr>");
            foreach (var cell in row)
            {
                var number = double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
                output.Write($"<td{(number ? " class=\"n\"" : "")}>{Text(cell)}</td>");
            }

            output.Write("</tr>\n");
        }

        output.Write("</tbody>\n</table></div>\n");
    }

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Escapes, and leaves out the characters that no HTML page may hold.</summary>
    private static string Text(string text) =>
        WebUtility.HtmlEncode(text.AsSpan().ContainsAnyInRange('\0', '\u001F') ? string.Concat(text.Where(c => c >= ' ' || c is '\t' or '\n' or '\r')) : text);
}
