using System.CommandLine;
using Poc.Campaigns.Requests;
using Poc.Campaigns.Requests.Files;

namespace Poc.Cli.Commands;

/// <summary><c>poc campaigns analyze FILE --kind requests</c>: similar requests from independent sources in a file.</summary>
internal static class CampaignsRequests
{
    internal static readonly Option<FileInfo?> Templates = new("--templates")
    {
        Description = "Declared form letters, with --kind requests: CSV (id,text), JSON ([{\"id\",\"text\"}] or {\"id\": \"text\"}), or text blocks divided by lines of dashes, each with a first line \"id: name\".",
    };

    internal static async Task<int> RunAsync(ParseResult parsed, FileInfo file, DirectoryInfo output, bool strict, CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<DeclaredTemplate> templates = parsed.GetValue(Templates) is { } declared ? TemplateFile.Read(declared.FullName) : [];
            var errors = parsed.InvocationConfiguration.Error;
            var shown = "";
            void Show(string step, double share)
            {
                var line = $"{step} {share:P0}";
                if (line != shown)
                {
                    shown = line;
                    errors.Write(Console.IsErrorRedirected ? line + "\n" : "\r" + line.PadRight(60));
                }
            }

            var summary = await Task.Run(() => RequestAnalysis.Run(file.FullName, templates, output.FullName, strict, Show, cancellation), cancellation);
            await errors.WriteLineAsync();
            foreach (var bad in summary.FirstBadRows.Take(20))
            {
                await errors.WriteLineAsync($"poc: {file.Name}: line {bad.Line}: {bad.Reason}");
            }

            if (summary.BadRows > 20)
            {
                await errors.WriteLineAsync($"poc: {summary.BadRows} rows could not be read; bad_rows.csv lists the first {summary.FirstBadRows.Count}.");
            }

            await Answer.WriteAsync(
                parsed,
                new { rows = summary.Rows, bad_rows = summary.BadRows, templates = summary.Templates, flagged = summary.Flagged, campaigns = summary.Campaigns, output = output.FullName },
                $"{summary.Rows} rows, {summary.BadRows} unreadable, {summary.Templates} made from declared templates",
                $"{summary.Campaigns} groups of similar requests from independent sources, {summary.Flagged} requests in them",
                $"written to {output.FullName}: campaigns.csv, campaigns.json, report.html");
            return ExitCode.Done;
        }
        catch (InputException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }
}
