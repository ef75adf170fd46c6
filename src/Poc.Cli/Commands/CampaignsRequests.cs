using System.CommandLine;
using Poc.Campaigns.Input;
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
        var errors = parsed.InvocationConfiguration.Error;
        try
        {
            var templates = Declared(parsed);
            var summary = await Task.Run(() => RequestAnalysis.Run(file.FullName, templates, output.FullName, strict, new StepLines(errors), cancellation), cancellation);
            foreach (var issue in summary.Issues.First.Take(20))
            {
                await errors.WriteLineAsync($"poc: {file.Name}: {issue}");
            }

            if (summary.Issues.Rejected > 20)
            {
                await errors.WriteLineAsync($"poc: {summary.Issues.Rejected} rows left out; bad_rows.csv lists the first {summary.Issues.First.Count}.");
            }

            await Answer.WriteAsync(
                parsed,
                new { rows = summary.Requests, bad_rows = summary.Issues.Rejected, templates = summary.Templates, flagged = summary.Flagged, campaigns = summary.Campaigns, output = output.FullName },
                $"{summary.Requests} requests, {summary.Issues.Rejected} rows left out, {summary.Templates} made from declared templates",
                $"{summary.Campaigns} groups of similar requests from independent sources, {summary.Flagged} requests in them",
                $"written to {output.FullName}: campaigns.csv, campaigns.json, report.html");
            return ExitCode.Done;
        }
        catch (InputException wrong)
        {
            throw new UsageException($"{file.Name}: {wrong.Message}");
        }
    }

    private static IReadOnlyList<DeclaredTemplate> Declared(ParseResult parsed)
    {
        try
        {
            return parsed.GetValue(Templates) is { } declared ? TemplateFile.Read(declared.FullName) : [];
        }
        catch (InputException wrong)
        {
            // It names its file itself.
            throw new UsageException(wrong.Message);
        }
    }
}
