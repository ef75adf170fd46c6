using System.CommandLine;
using Poc.Contracts.Intake.V1;

namespace Poc.Cli.Commands;

/// <summary><c>poc campaigns declare | contest</c>: what a partner says about campaigns.</summary>
internal static class CampaignsPartner
{
    private static readonly Argument<string> Name = new("name") { Description = "campaigns/{campaign}" };
    private static readonly Option<string> Id = new("--id") { Description = "Your own id of the template: 3 to 40 of a-z, 0-9, -.", Required = true };
    private static readonly Option<FileInfo> TextFile = new("--text-file") { Description = "A UTF-8 file with its wording.", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why. It stays on record and is shown with the campaign.", Required = true };

    public static IEnumerable<Command> Create()
    {
        var declare = new Command("declare", "Declare a wording that your members will use, before they do (partners).") { Id, TextFile, PartnerKey.Option };
        declare.SetAction(DeclareAsync);
        var contest = new Command("contest", "Object to a campaign that a request of yours was counted to (partners).") { Name, Reason, PartnerKey.Option };
        contest.SetAction(ContestAsync);
        return [declare, contest];
    }

    private static async Task<int> DeclareAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsPartner(parsed, PartnerKey.Read(parsed));
        var text = await File.ReadAllTextAsync(parsed.GetRequiredValue(TextFile).FullName, cancellation);
        var response = await new CampaignService.CampaignServiceClient(connection.Invoker).RegisterTemplateAsync(
            new() { RequestId = PartnerCommand.FreshId(), TemplateId = parsed.GetRequiredValue(Id), Text = text }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Template, response.Template.Name);
        return ExitCode.Done;
    }

    private static async Task<int> ContestAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsPartner(parsed, PartnerKey.Read(parsed));
        var response = await new CampaignService.CampaignServiceClient(connection.Invoker).ContestCampaignAsync(
            new() { RequestId = PartnerCommand.FreshId(), Name = parsed.GetRequiredValue(Name), Reason = parsed.GetRequiredValue(Reason) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Contest, $"{response.Contest.Campaign}  contested {response.Contest.ContestedAt.ToDateTimeOffset():u}");
        return ExitCode.Done;
    }
}
