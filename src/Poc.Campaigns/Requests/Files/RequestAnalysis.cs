using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Poc.Campaigns.Requests.Files;

/// <summary>What an analysis came to.</summary>
/// <param name="Rows">Rows of the file, bad ones included.</param>
/// <param name="BadRows">Rows that could not be taken; the first thousand are listed in <c>bad_rows.csv</c>.</param>
/// <param name="FirstBadRows">These.</param>
/// <param name="Templates">Requests made from a declared template.</param>
/// <param name="Flagged">Requests in a campaign.</param>
/// <param name="Campaigns">Campaigns raised.</param>
public sealed record RequestAnalysisSummary(long Rows, long BadRows, IReadOnlyList<BadRow> FirstBadRows, long Templates, long Flagged, int Campaigns);

/// <summary>
/// Analyses a file of requests. The file is read three times: to learn what is usual, to detect in the order of time, to write. Memory is that of the detector's 14-day window, of the
/// texts of campaigns' members, and 32 bytes for each row.
/// </summary>
public static class RequestAnalysis
{
    private const int ListedBadRows = 1_000;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>Runs it and writes <c>campaigns.csv</c>, <c>campaigns.json</c>, <c>report.html</c>, and <c>bad_rows.csv</c> where there are any.</summary>
    /// <param name="path">The requests.</param>
    /// <param name="templates">Declared templates.</param>
    /// <param name="output">A folder; it is made.</param>
    /// <param name="strict">Whether the first bad row ends it.</param>
    /// <param name="progress">Told the step and its share, 0 to 1.</param>
    /// <param name="cancellation">Ends it between two rows.</param>
    /// <exception cref="InputException">The file has no header as it should, or a bad row with <paramref name="strict"/>.</exception>
    public static RequestAnalysisSummary Run(string path, IReadOnlyList<DeclaredTemplate> templates, string output, bool strict, Action<string, double>? progress, CancellationToken cancellation)
    {
        var fingerprinter = new Fingerprinter(new DeclaredTemplates(templates));
        var (baseline, index) = Learn(path, fingerprinter, strict, progress, cancellation);
        var (detector, templateOf) = Detect(path, fingerprinter, baseline, index, progress, cancellation);

        var campaigns = detector.Campaigns.ToList();
        var campaignOf = new Dictionary<int, Campaign>();
        foreach (var campaign in campaigns)
        {
            foreach (var member in campaign.Members)
            {
                campaignOf[Row(member.Id)] = campaign;
            }
        }

        Directory.CreateDirectory(output);
        var members = WriteRows(path, output, campaignOf, templateOf, progress, cancellation);
        var findings = campaigns.Select(campaign => CampaignFinding.Of(campaign, baseline, members)).ToList();
        var summary = new RequestAnalysisSummary(index.Rows, index.Bad, index.FirstBad, templateOf.Count, campaignOf.Count, campaigns.Count);
        File.WriteAllText(Path.Combine(output, "campaigns.json"), JsonSerializer.Serialize(
            new { detector = DetectorLimits.Version, requests = index.Rows - index.Bad, bad_rows = index.Bad, declared_templates = templateOf.Count, campaigns = findings }, Json) + "\n");
        File.WriteAllText(Path.Combine(output, "report.html"), RequestReport.Html(Path.GetFileName(path), summary, findings));
        WriteBadRows(output, index);
        progress?.Invoke("written", 1);
        return summary;
    }

    internal static string RowId(int row) => row.ToString("D9", CultureInfo.InvariantCulture);

    internal static int Row(string id) => int.Parse(id, CultureInfo.InvariantCulture);

    private static (Baseline Baseline, RowIndex Index) Learn(string path, Fingerprinter fingerprinter, bool strict, Action<string, double>? progress, CancellationToken cancellation)
    {
        var (baseline, index) = (new Baseline(), new RowIndex());
        using var file = new RequestFile(path);
        foreach (var row in file.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (row.Bad is { } bad)
            {
                if (strict)
                {
                    throw new InputException($"{path}: line {bad.Line}: {bad.Reason}");
                }

                index.AddBad(bad);
                continue;
            }

            baseline.Observe(fingerprinter.Of(row.Request! with { Id = RowId(index.Count) }));
            index.Add(row.Request!.At, row.Offset);
            Tell(progress, "learning what is usual", index.Count, row.Offset, file.Length);
        }

        baseline.Learn();
        return (baseline, index);
    }

    private static (CampaignDetector Detector, Dictionary<int, string> TemplateOf) Detect(
        string path, Fingerprinter fingerprinter, Baseline baseline, RowIndex index, Action<string, double>? progress, CancellationToken cancellation)
    {
        var detector = new CampaignDetector(baseline);
        var templateOf = new Dictionary<int, string>();
        using var file = new RequestFile(path);
        var done = 0;
        foreach (var (row, request) in index.InOrder(file))
        {
            cancellation.ThrowIfCancellationRequested();
            var print = fingerprinter.Of(request with { Id = RowId(row) });
            if (print.Template is not null)
            {
                templateOf[row] = print.Template;
            }

            detector.Add(print);
            Tell(progress, "detecting", ++done, done, index.Count);
        }

        detector.Settle();
        return (detector, templateOf);
    }

    private static Dictionary<int, CampaignRequest> WriteRows(
        string path, string output, Dictionary<int, Campaign> campaignOf, Dictionary<int, string> templateOf, Action<string, double>? progress, CancellationToken cancellation)
    {
        var members = new Dictionary<int, CampaignRequest>();
        using var file = new RequestFile(path);
        using var writer = new StreamWriter(Path.Combine(output, "campaigns.csv"), false, new UTF8Encoding(false)) { NewLine = "\n" };
        writer.WriteLine("id,campaign,raised,template");
        var taken = 0;
        foreach (var row in file.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            Campaign? campaign = null;
            var template = "";
            if (row.Request is not null)
            {
                if (campaignOf.TryGetValue(taken, out campaign))
                {
                    members[taken] = row.Request;
                }

                template = templateOf.GetValueOrDefault(taken, "");
                taken++;
            }

            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Quoted(row.Id)},{(campaign is null ? "" : "c" + campaign.Number)},{(campaign is null ? "false" : "true")},{Quoted(template)}"));
            Tell(progress, "writing", taken, row.Offset, file.Length);
        }

        return members;
    }

    private static void WriteBadRows(string output, RowIndex index)
    {
        var path = Path.Combine(output, "bad_rows.csv");
        File.Delete(path);
        if (index.Bad > 0)
        {
            File.WriteAllLines(path, index.FirstBad.Select(static bad => string.Create(CultureInfo.InvariantCulture, $"{bad.Line},{Quoted(bad.Reason)}")).Prepend("line,reason"));
        }
    }

    private static string Quoted(string value) => value.AsSpan().ContainsAny(",\"\n\r") ? "\"" + value.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : value;

    private static void Tell(Action<string, double>? progress, string step, long row, long done, long all)
    {
        if (progress is not null && row % 1_000 == 0)
        {
            progress(step, all == 0 ? 1 : Math.Min(1, done / (double)all));
        }
    }

    /// <summary>Where each good row lies and when it was received, for a file that is not in the order of time.</summary>
    private sealed class RowIndex
    {
        private readonly List<long> times = [];
        private readonly List<long> offsets = [];
        private bool ordered = true;

        internal int Count => times.Count;

        internal long Bad { get; private set; }

        internal long Rows => Count + Bad;

        internal List<BadRow> FirstBad { get; } = [];

        internal void Add(long at, long offset)
        {
            ordered &= times.Count == 0 || times[^1] <= at;
            times.Add(at);
            offsets.Add(offset);
        }

        internal void AddBad(BadRow bad)
        {
            Bad++;
            if (FirstBad.Count < ListedBadRows)
            {
                FirstBad.Add(bad);
            }
        }

        internal IEnumerable<(int Row, CampaignRequest Request)> InOrder(RequestFile file)
        {
            if (ordered)
            {
                return file.Read().Where(static row => row.Request is not null).Select(static (row, i) => (i, row.Request!));
            }

            return Enumerable.Range(0, Count).OrderBy(row => times[row]).ThenBy(static row => row).Select(row => (row, file.ReadAt(offsets[row])));
        }
    }
}
