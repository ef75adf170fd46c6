using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Poc.Campaigns.Input;
using Poc.Campaigns.Output;
using Poc.Campaigns.Report;

namespace Poc.Campaigns.Requests.Files;

/// <summary>What an analysis came to.</summary>
/// <param name="Requests">Rows that were taken.</param>
/// <param name="Issues">What was wrong with the others; the first of them are listed in <c>bad_rows.csv</c>.</param>
/// <param name="Templates">Requests made from a declared template.</param>
/// <param name="Flagged">Requests in a campaign.</param>
/// <param name="Campaigns">Campaigns raised.</param>
public sealed record RequestAnalysisSummary(long Requests, RowIssues Issues, long Templates, long Flagged, int Campaigns);

/// <summary>
/// Analyses a file of requests. The file is read three times: to learn what is usual, to detect in the order of time, to write. Memory is that of the detector's 14-day window and of the
/// texts of campaigns' members. A file that is not in the order of time is copied once, to be read in that order, and costs 16 bytes of memory for each row.
/// </summary>
public static class RequestAnalysis
{
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
    /// <param name="progress">Told each step and how far it is, 0 to 1.</param>
    /// <param name="cancellation">Ends it between two rows.</param>
    /// <exception cref="InputException">The file cannot be read as what it should be, or has a bad row with <paramref name="strict"/>.</exception>
    /// <exception cref="IOException">The file cannot be read, or the folder not be written to.</exception>
    public static RequestAnalysisSummary Run(string path, IReadOnlyList<DeclaredTemplate> templates, string output, bool strict, IProgress<AnalysisStep>? progress, CancellationToken cancellation)
    {
        var fingerprinter = new Fingerprinter(new DeclaredTemplates(templates));
        var (baseline, taken, inOrder, issues) = Learn(path, fingerprinter, strict, progress, cancellation);
        Directory.CreateDirectory(output);
        using var spool = inOrder ? null : Spool(path, output, progress, cancellation);
        var (detector, templateOf) = Detect(path, spool, fingerprinter, baseline, taken, progress, cancellation);

        var campaigns = detector.Campaigns.ToList();
        var campaignOf = new Dictionary<int, Campaign>();
        foreach (var campaign in campaigns)
        {
            foreach (var member in campaign.Members)
            {
                campaignOf[Row(member.Id)] = campaign;
            }
        }

        var members = WriteRows(path, output, campaignOf, templateOf, progress, cancellation);
        var findings = campaigns.Select(campaign => CampaignFinding.Of(campaign, baseline, members)).ToList();
        var summary = new RequestAnalysisSummary(taken, issues, templateOf.Count, campaignOf.Count, campaigns.Count);
        File.WriteAllText(Path.Combine(output, "campaigns.json"), JsonSerializer.Serialize(
            new { detector = DetectorLimits.Version, requests = taken, bad_rows = issues.Rejected, declared_templates = templateOf.Count, campaigns = findings }, Json) + "\n");
        using (var page = new StreamWriter(Path.Combine(output, "report.html")))
        {
            ReportPage.Write(page, RequestReport.Of(Path.GetFileName(path), summary, findings));
        }

        WriteBadRows(output, issues);
        progress?.Report(new("written", 1));
        return summary;
    }

    internal static string RowId(int row) => row.ToString("D9", CultureInfo.InvariantCulture);

    internal static int Row(string id) => int.Parse(id, CultureInfo.InvariantCulture);

    private static (Baseline Baseline, int Taken, bool InOrder, RowIssues Issues) Learn(
        string path, Fingerprinter fingerprinter, bool strict, IProgress<AnalysisStep>? progress, CancellationToken cancellation)
    {
        var baseline = new Baseline();
        var (taken, inOrder, latest) = (0, true, long.MinValue);
        using var file = new RequestFile(path, strict);
        foreach (var (_, print, done) in Prints(fingerprinter, InFile(file), () => file.Progress))
        {
            cancellation.ThrowIfCancellationRequested();
            baseline.Observe(print);
            (inOrder, latest) = (inOrder && latest <= print.At, print.At);
            Tell(progress, "learning what is usual", ++taken, done);
        }

        baseline.Learn();
        return (baseline, taken, inOrder, file.Issues);
    }

    private static RequestSpool Spool(string path, string folder, IProgress<AnalysisStep>? progress, CancellationToken cancellation)
    {
        var spool = new RequestSpool(folder);
        try
        {
            using var file = new RequestFile(path, strict: false);
            var done = 0;
            foreach (var (_, request) in file.Read())
            {
                cancellation.ThrowIfCancellationRequested();
                if (request is not null)
                {
                    spool.Add(request);
                    Tell(progress, "putting in order", ++done, file.Progress);
                }
            }

            return spool;
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private static (CampaignDetector Detector, Dictionary<int, string> TemplateOf) Detect(
        string path, RequestSpool? spool, Fingerprinter fingerprinter, Baseline baseline, int taken, IProgress<AnalysisStep>? progress, CancellationToken cancellation)
    {
        var detector = new CampaignDetector(baseline);
        var templateOf = new Dictionary<int, string>();
        using var file = spool is null ? new RequestFile(path, strict: false) : null;
        var done = 0;
        foreach (var (row, print, _) in Prints(fingerprinter, spool?.InOrder() ?? InFile(file!), () => 0))
        {
            cancellation.ThrowIfCancellationRequested();
            if (print.Template is not null)
            {
                templateOf[row] = print.Template;
            }

            detector.Add(print);
            Tell(progress, "detecting", ++done, done / (double)taken);
        }

        detector.Settle();
        return (detector, templateOf);
    }

    private static IEnumerable<(int Row, CampaignRequest Request)> InFile(RequestFile file) =>
        file.Read().Where(static row => row.Request is not null).Select(static (row, i) => (i, row.Request!));

    /// <summary>The fingerprints of requests in their order. They are read and made on a thread of their own, some ahead of what is asked for.</summary>
    /// <param name="fingerprinter">Makes them.</param>
    /// <param name="requests">Each with its row.</param>
    /// <param name="progress">How far the requests are read; asked by the thread that reads them.</param>
    private static IEnumerable<(int Row, Fingerprint Print, double Progress)> Prints(Fingerprinter fingerprinter, IEnumerable<(int Row, CampaignRequest Request)> requests, Func<double> progress)
    {
        const int Ahead = 256;
        using var source = requests.GetEnumerator();
        var next = Task.Run(Make);
        try
        {
            while (next.GetAwaiter().GetResult() is { Count: > 0 } made)
            {
                next = Task.Run(Make);
                foreach (var print in made)
                {
                    yield return print;
                }
            }
        }
        finally
        {
            // Also where the caller stops early: the file is closed then, and must not be in use.
            Task.WaitAny(next);
        }

        List<(int, Fingerprint, double)> Make()
        {
            var made = new List<(int, Fingerprint, double)>(Ahead);
            while (made.Count < Ahead && source.MoveNext())
            {
                var (row, request) = source.Current;
                made.Add((row, fingerprinter.Of(request with { Id = RowId(row) }), progress()));
            }

            return made;
        }
    }

    private static Dictionary<int, CampaignRequest> WriteRows(
        string path, string output, Dictionary<int, Campaign> campaignOf, Dictionary<int, string> templateOf, IProgress<AnalysisStep>? progress, CancellationToken cancellation)
    {
        var members = new Dictionary<int, CampaignRequest>();
        using var file = new RequestFile(path, strict: false);
        using var csv = new CsvOutput(Path.Combine(output, "campaigns.csv"), "id", "campaign", "raised", "template");
        var taken = 0;
        foreach (var (id, request) in file.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            Campaign? campaign = null;
            string? template = null;
            if (request is not null)
            {
                if (campaignOf.TryGetValue(taken, out campaign))
                {
                    members[taken] = request;
                }

                template = templateOf.GetValueOrDefault(taken);
                taken++;
            }

            csv.Text(id);
            csv.TextOrNothing(campaign is null ? null : string.Create(CultureInfo.InvariantCulture, $"c{campaign.Number}"));
            csv.Text(campaign is null ? "false" : "true");
            csv.TextOrNothing(template);
            csv.EndRow();
            Tell(progress, "writing", taken, file.Progress);
        }

        return members;
    }

    private static void WriteBadRows(string output, RowIssues issues)
    {
        var path = Path.Combine(output, "bad_rows.csv");
        File.Delete(path);
        if (issues.First.Count == 0)
        {
            return;
        }

        using var csv = new CsvOutput(path, "line", "column", "reason");
        foreach (var issue in issues.First)
        {
            csv.Number(issue.Line);
            csv.Text(issue.Column);
            csv.Text(issue.Reason);
            csv.EndRow();
        }
    }

    private static void Tell(IProgress<AnalysisStep>? progress, string step, int row, double done)
    {
        if (progress is not null && row % 1_000 == 0)
        {
            progress.Report(new(step, Math.Min(1, done)));
        }
    }
}
