using System.CommandLine;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc requester</c>: opens the seal on who stands behind a request.</summary>
internal static class RequesterCommand
{
    private static readonly Argument<string> Request = new("request") { Description = "partners/{partner}/requests/{request}" };
    private static readonly Option<string> Motivation = new("--motivation") { Description = "Why it is necessary; kept for ever.", Required = true };
    private static readonly Option<string> Of = new("--of") { Description = "Only releases of this request.", DefaultValueFactory = _ => "" };

    public static Command Create()
    {
        var release = new Command("release", "Open the seal. Who did it, when and why goes on record first.") { Request, Motivation };
        release.SetAction(ReleaseAsync);
        var releases = new Command("releases", "List the newest releases, without what was released.") { Of };
        releases.SetAction(ListAsync);
        return new Command("requester", "Who stands behind requests, under seal (custodians).") { release, releases };
    }

    private static async Task<int> ReleaseAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Custodian);
        var response = await new RequesterService.RequesterServiceClient(connection.Invoker).ReleaseRequesterIdentityAsync(
            new() { RequestId = PartnerCommand.FreshId(), Request = parsed.GetRequiredValue(Request), Motivation = parsed.GetRequiredValue(Motivation) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Requester.Name, response.Requester.Contact, response.Requester.Note, response.Release.Name);
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Custodian);
        var response = await new RequesterService.RequesterServiceClient(connection.Invoker).ListRequesterReleasesAsync(
            new() { Request = parsed.GetRequiredValue(Of) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Releases.Select(static release => $"{release.ReleasedAt.ToDateTimeOffset():u}  {release.ReleasedTo}  {release.Request}  {release.Motivation}"));
        return ExitCode.Done;
    }
}
