using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Schema;
using Poc.Campaigns.Input;
using Poc.Campaigns.Requests;
using Poc.Campaigns.Requests.Files;

namespace Poc.Campaigns.Tests.Requests;

public sealed class RequestAnalysisTests : IDisposable
{
    private const string Header = "id,ts,account,org,lang,text,urls";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("poc-requests-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Writes_each_row_with_its_campaign_and_the_evidence()
    {
        var (letters, planted) = Planted();
        var summary = Run(Write(letters.InOrder));

        var rows = Rows();
        Assert.Equal(letters.InOrder.Select(static letter => letter.Id), rows.Select(static row => row[0]));
        Assert.Equal(planted, rows.Where(static row => row[2] == "true").Select(static row => row[0]).Order(StringComparer.Ordinal));
        Assert.Equal((1, planted.Count, 0L), (summary.Campaigns, (int)summary.Flagged, summary.Issues.Rejected));

        using var evidence = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.FullName, "out", "campaigns.json")));
        var campaign = Assert.Single(evidence.RootElement.GetProperty("campaigns").EnumerateArray());
        Assert.Equal("similar requests from 12 independent sources", campaign.GetProperty("statement").GetString());
        var wording = Assert.Single(campaign.GetProperty("wordings").EnumerateArray());
        Assert.NotEmpty(wording.GetProperty("passages").EnumerateArray());
        Assert.Equal("but I met him myself", wording.GetProperty("residues")[5].GetProperty("text").GetString());

        var page = File.ReadAllText(Path.Combine(folder.FullName, "out", "report.html"));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("inauthentic", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Finds_the_same_in_a_file_that_is_not_in_the_order_of_time()
    {
        var (letters, planted) = Planted();
        Run(Write(letters.InOrder.OrderBy(static letter => letter.Text, StringComparer.Ordinal)));

        Assert.Equal(planted, Rows().Where(static row => row[2] == "true").Select(static row => row[0]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("x1,soon,a,,en,text,", "column ts: \"soon\" is no time in whole Unix seconds")]
    [InlineData("x1,100,a,,en", "row: 5 fields where the header has 7")]
    [InlineData(",100,a,,en,text,", "column id: empty")]
    [InlineData("x1,100,,,en,text,", "column account: empty, and org too: its source is unknown")]
    [InlineData("x1,100,a,,en,\"text\"more,", "row: text behind the closing quote of a field")]
    public void Counts_and_lists_a_bad_row_with_its_line_and_column(string bad, string reason)
    {
        var path = Path.Combine(folder.FullName, "in.csv");
        File.WriteAllText(path, $"{Header}\nok1,1,a,,en,\"two\nlines\",\n{bad}\nok2,2,b,,en,text,\n");

        var summary = Run(path);

        Assert.Equal($"line 4, {reason}", Assert.Single(summary.Issues.First).ToString());
        Assert.Equal(2, summary.Requests);
        Assert.Contains("ok2", Rows().Select(static row => row[0]));
        Assert.StartsWith("line,column,reason\n4,", File.ReadAllText(Path.Combine(folder.FullName, "out", "bad_rows.csv")), StringComparison.Ordinal);
        Assert.StartsWith($"line 4, {reason}", Assert.Throws<InputException>(() => Run(path, strict: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parquet_gives_what_csv_gives()
    {
        var (letters, planted) = Planted();
        var text = letters.InOrder.ToList();
        var (id, ts, account, org, lang, body, urls) = (Field("id"), new DataField<long>("ts"), Field("account"), Field("org"), Field("lang"), Field("text"), Field("urls"));
        var path = Path.Combine(folder.FullName, "in.parquet");
        await using (var file = File.Create(path))
        {
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(urls, body, lang, org, account, ts, id), file, cancellationToken: TestContext.Current.CancellationToken);
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(urls, text.Select(static letter => string.Join(' ', letter.Urls)).ToArray());
            await rows.WriteAsync(body, text.Select(static letter => letter.Text).ToArray());
            await rows.WriteAsync(lang, text.Select(static letter => letter.Language).ToArray());
            await rows.WriteAsync(org, text.Select(static letter => letter.Organisation is { Length: > 0 } name ? name : null!).ToArray());
            await rows.WriteAsync(account, text.Select(static letter => letter.Account).ToArray());
            await rows.WriteAsync<long>(ts, text.Select(static letter => letter.At).ToArray(), cancellationToken: TestContext.Current.CancellationToken);
            await rows.WriteAsync(id, text.Select(static letter => letter.Id).ToArray());
        }

        var summary = Run(path);
        Assert.Equal((text.Count, 0L), (summary.Requests, summary.Issues.Rejected));
        Assert.Equal(planted, Rows().Where(static row => row[2] == "true").Select(static row => row[0]).Order(StringComparer.Ordinal));

        static DataField<string> Field(string name) => new(name);
    }

    [Fact]
    public void Progress_comes_in_steps_and_nothing_is_left_behind_but_the_findings()
    {
        var (letters, _) = Planted();
        var steps = new Steps();
        RequestAnalysis.Run(Write(letters.InOrder.Reverse()), [], Path.Combine(folder.FullName, "out"), strict: true, steps, TestContext.Current.CancellationToken);
        Assert.Equal(["learning what is usual", "putting in order", "detecting", "writing", "written"], steps.Seen.Select(static step => step.Name).Distinct());
        Assert.All(steps.Seen, static step => Assert.InRange(step.Done, 0, 1));
        Assert.Equal(["campaigns.csv", "campaigns.json", "report.html"], Directory.GetFiles(Path.Combine(folder.FullName, "out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("id,ts,text\n", "No column account, org, lang, urls")]
    public void Refuses_a_file_without_the_columns(string content, string reason)
    {
        var path = Path.Combine(folder.FullName, "in.csv");
        File.WriteAllText(path, content);

        Assert.Contains(reason, Assert.Throws<InputException>(() => Run(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,text\nkeep,\"Keep it, please\"\ndrop,Drop it\n")]
    [InlineData("[{\"id\":\"keep\",\"text\":\"Keep it, please\"},{\"id\":\"drop\",\"text\":\"Drop it\"}]")]
    [InlineData("{\"keep\":\"Keep it, please\",\"drop\":\"Drop it\"}")]
    [InlineData("id: keep\nKeep it, please\n---\nid: drop\nDrop it\n")]
    public void Reads_templates_in_each_of_their_forms(string content)
    {
        var path = Path.Combine(folder.FullName, "templates");
        File.WriteAllText(path, content);

        Assert.Equal([("keep", "Keep it, please"), ("drop", "Drop it")], TemplateFile.Read(path).Select(static template => (template.Id, template.Text.Trim())));
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("id,text\n,Keep it\n", "line 2: a template needs an id")]
    [InlineData("[{\"id\":\"keep\"}]", "element 1: the template \"keep\" has no text")]
    [InlineData("[{\"id\":", "no valid JSON")]
    [InlineData("id: a\nText one\n---\nid: a\nText two", "the template id \"a\" is there 2 times")]
    public void Says_what_is_wrong_with_templates(string content, string reason)
    {
        var path = Path.Combine(folder.FullName, "templates");
        File.WriteAllText(path, content);

        Assert.Contains(reason, Assert.Throws<InputException>(() => TemplateFile.Read(path)).Message, StringComparison.Ordinal);
    }

    private static (InventedLetters Letters, List<string> Planted) Planted()
    {
        var letters = new InventedLetters(20, days: 30);
        var text = letters.Letter();
        return (letters, letters.Burst(12, InventedLetters.Start + 15 * InventedLetters.Day, InventedLetters.Hour, i => i == 5 ? text + " but I met him myself" : text));
    }

    private sealed class Steps : IProgress<AnalysisStep>
    {
        public List<AnalysisStep> Seen { get; } = [];

        public void Report(AnalysisStep value) => Seen.Add(value);
    }

    private RequestAnalysisSummary Run(string path, bool strict = false) =>
        RequestAnalysis.Run(path, [], Path.Combine(folder.FullName, "out"), strict, null, TestContext.Current.CancellationToken);

    private List<string[]> Rows() => [.. File.ReadAllLines(Path.Combine(folder.FullName, "out", "campaigns.csv")).Skip(1).Select(static line => line.Split(','))];

    private string Write(IEnumerable<CampaignRequest> letters)
    {
        var path = Path.Combine(folder.FullName, "in.csv");
        File.WriteAllLines(path, letters.Select(static letter => string.Create(CultureInfo.InvariantCulture,
            $"{letter.Id},{letter.At},{letter.Account},{letter.Organisation},{letter.Language},\"{letter.Text}\",{string.Join(' ', letter.Urls)}")).Prepend(Header));
        return path;
    }
}
