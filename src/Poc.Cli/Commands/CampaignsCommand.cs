using System.CommandLine;

namespace Poc.Cli.Commands;

/// <summary><c>poc campaigns</c>: what Intake found (<see cref="CampaignsStaff"/>), and <c>analyze</c>, which looks for coordination in a file, on this machine alone.</summary>
internal static class CampaignsCommand
{
    private static readonly Argument<FileInfo> File = new("FILE")
    {
        Description = "CSV with a header, or Parquet. shares: object_id, account_id, content_id, timestamp_share (Unix seconds). requests: id, ts, account, org, lang, text, urls "
            + "(ts in Unix seconds, org empty for individuals, urls separated by spaces).",
    };

    private static readonly Option<string> Kind = new("--kind") { Description = "What the file holds: shares or requests.", Required = true };
    private static readonly Option<DirectoryInfo> Out = new("--out") { Description = "Folder for the findings; it is made.", Required = true };
    private static readonly Option<bool> Strict = new("--strict") { Description = "End at the first row that cannot be read, instead of counting and listing such rows." };

    public static Command Create()
    {
        Kind.AcceptOnlyFromAmong("shares", "requests");
        File.AcceptExistingOnly();
        var analyze = new Command("analyze", "Find what was shared or asked in concert, with the evidence and what chance would give. Nothing leaves this machine. docs/campaigns-analyze.md describes files and modes.")
        {
            File, Kind, Out, Strict, CampaignsRequests.Templates,
        };
        foreach (var option in CampaignsShares.Options)
        {
            analyze.Options.Add(option);
        }

        analyze.SetAction((parsed, cancellation) =>
        {
            var (file, output, strict) = (parsed.GetRequiredValue(File), parsed.GetRequiredValue(Out), parsed.GetValue(Strict));
            return parsed.GetRequiredValue(Kind) == "shares"
                ? CampaignsShares.RunAsync(parsed, file, output, strict, cancellation)
                : CampaignsRequests.RunAsync(parsed, file, output, strict, cancellation);
        });
        var campaigns = new Command("campaigns", "Coordinated campaigns: evidence, not verdicts.") { analyze };
        foreach (var command in (IEnumerable<Command>)[.. CampaignsStaff.Create(), .. CampaignsPartner.Create()])
        {
            campaigns.Subcommands.Add(command);
        }

        return campaigns;
    }
}
