using System.CommandLine;

namespace Poc.Cli.Commands;

/// <summary><c>poc campaigns analyze</c>: looks for coordination in a file, on this machine alone.</summary>
internal static class CampaignsCommand
{
    private static readonly Argument<FileInfo> File = new("FILE") { Description = "A CSV file with a header line. requests: id, ts, account, org, lang, text, urls (ts in Unix seconds, org empty for individuals, urls separated by spaces)." };
    private static readonly Option<string> Kind = new("--kind") { Description = "What the file holds.", Required = true };
    private static readonly Option<DirectoryInfo> Out = new("--out") { Description = "Folder for the findings; it is made.", Required = true };
    private static readonly Option<bool> Strict = new("--strict") { Description = "End at the first row that cannot be read, instead of counting and listing such rows." };

    public static Command Create()
    {
        Kind.AcceptOnlyFromAmong("requests");
        File.AcceptExistingOnly();
        var analyze = new Command("analyze", "Find similar requests from independent sources, with the evidence. Nothing leaves this machine.") { File, Kind, Out, Strict, CampaignsRequests.Templates };
        analyze.SetAction((parsed, cancellation) =>
            CampaignsRequests.RunAsync(parsed, parsed.GetRequiredValue(File), parsed.GetRequiredValue(Out), parsed.GetValue(Strict), cancellation));
        return new Command("campaigns", "Coordinated campaigns: evidence, not verdicts.") { analyze };
    }
}
