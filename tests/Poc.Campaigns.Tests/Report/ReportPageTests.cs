using System.Xml.Linq;
using Poc.Campaigns.Report;

namespace Poc.Campaigns.Tests.Report;

public sealed class ReportPageTests
{
    private static readonly CampaignReport Sample = new("A <title>", ["Says & shows."], [new("rows", "3")],
    [
        new TimelineSection("Over time", "How.", "requests", [new(DateTimeOffset.UnixEpoch, 4, 1.5), new(DateTimeOffset.UnixEpoch.AddDays(1), 0, 0), new(DateTimeOffset.UnixEpoch.AddDays(2), 2, 1)]),
        new NetworkSection("Network", "", 2, [new("anna", "boris", 3), new("boris", "<clara>", 1)]),
        new PassagesSection("Passages", "", [new("Мы просим\u0001 \"вас\"", "ru", 9, ["r1", "r2"])]),
        new TableSection("Others", "", ["what", "n"], [["x", "1"]]),
    ]);

    [Fact]
    public void The_page_loads_nothing_and_runs_nothing()
    {
        var page = Write(Sample);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("href=", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_picture_has_a_name_a_description_and_a_table_after_it()
    {
        foreach (var picture in Body(Sample).Descendants("svg").ToList())
        {
            var ids = picture.Attribute("aria-labelledby")!.Value.Split(' ');
            Assert.All(ids, id => Assert.NotEqual("", picture.Descendants().Single(element => element.Attribute("id")?.Value == id).Value));
            Assert.Single(picture.ElementsAfterSelf().SelectMany(element => element.Descendants("table")));
        }
    }

    [Fact]
    public void The_tables_say_what_the_pictures_show()
    {
        var rows = Body(Sample).Descendants("tbody").Select(body => body.Elements("tr").Select(row => string.Join("|", row.Elements("td").Select(cell => cell.Value))).ToList()).ToList();
        Assert.Equal(["1970-01-01 00:00|4|1.5", "1970-01-03 00:00|2|1"], rows[0]);
        Assert.Equal(["anna|boris|3", "boris|<clara>|1"], rows[1]);
        Assert.Equal(["x|1"], rows[2]);
    }

    [Fact]
    public void Texts_are_escaped_and_carry_their_language()
    {
        var page = Body(Sample);
        Assert.Equal("A <title>", page.Descendants("h1").Single().Value);
        var passage = page.Descendants("blockquote").Single();
        Assert.Equal(("ru", "auto", "Мы просим \"вас\""), (passage.Attribute("lang")!.Value, passage.Attribute("dir")!.Value, passage.Value));
    }

    [Fact]
    public void Sections_without_content_say_so() =>
        Assert.Contains("Nothing to show.", Write(Sample with { Sections = [new TimelineSection("t", "", "x", []), new NetworkSection("n", "", 0, [])] }), StringComparison.Ordinal);

    [Fact]
    public void A_network_is_drawn_the_same_each_time_and_within_the_frame()
    {
        var edges = Enumerable.Range(0, 80).Select(i => new NetworkEdge($"n{i % 30}", $"n{(i * 7 + 1) % 31}", 1 + (i % 3))).ToList();
        var layout = NetworkLayout.Place(edges, 500);
        Assert.All(layout.Values, point => Assert.True(point is { X: >= 0 and <= 500, Y: >= 0 and <= 500 }));
        Assert.Equal(layout, NetworkLayout.Place(edges, 500));
    }

    private static string Write(CampaignReport report)
    {
        using var text = new StringWriter();
        ReportPage.Write(text, report);
        return text.ToString();
    }

    /// <summary>The body is written so that it also is XML.</summary>
    private static XElement Body(CampaignReport report)
    {
        var page = Write(report);
        return XElement.Parse(page[page.IndexOf("<main>", StringComparison.Ordinal)..(page.IndexOf("</main>", StringComparison.Ordinal) + 7)]);
    }
}
