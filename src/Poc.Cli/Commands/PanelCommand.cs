using System.CommandLine;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc panel</c>: who judges, and for how long.</summary>
internal static class PanelCommand
{
    private static readonly Argument<string> DossierName = new("dossier") { Description = "dossiers/{dossier}" };
    private static readonly Option<string> Protocol = new("--protocol") { Description = "protocols/{version}", Required = true };
    private static readonly Option<string[]> Members = new("--member") { Description = "staff/{staff}; once for each.", Required = true };
    private static readonly Option<string> Leaver = new("--member") { Description = "staff/{staff} who stepped back.", Required = true };
    private static readonly Option<string> Successor = new("--successor") { Description = "staff/{staff} who takes the seat.", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why.", Required = true };
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "UUID: give the same one again to repeat the call safely. Made when missing." };

    public static Command Create()
    {
        var seat = new Command("seat", "Seat a panel under a version of the rules; sealed voting begins.") { DossierName, Protocol, Members, RequestId };
        seat.SetAction(SeatAsync);
        var stepBack = new Command("step-back", "Step back from a panel for a conflict (--as says who you are). Your ballot is not counted, and never opened.") { DossierName, Reason, RequestId };
        stepBack.SetAction(StepBackAsync);
        var replace = new Command("replace", "Give the seat of somebody who stepped back to somebody else; the term begins anew.") { DossierName, Leaver, Successor, RequestId };
        replace.SetAction(ReplaceAsync);
        var open = new Command("open", "Open the ballots when the term has ended and those that are in make the quorum.") { DossierName, RequestId };
        open.SetAction(OpenAsync);
        return new Command("panel", "Panels (panel chairs; members step back).") { seat, stepBack, replace, open };
    }

    private static async Task<int> SeatAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.PanelChair);
        var client = new ReviewService.ReviewServiceClient(connection.Invoker);
        var response = await client.SeatPanelAsync(
            new()
            {
                RequestId = IdOf(parsed),
                Dossier = parsed.GetRequiredValue(DossierName),
                Protocol = parsed.GetRequiredValue(Protocol),
                Members = { parsed.GetRequiredValue(Members) },
                Etag = await EtagAsync(client, parsed, connection, cancellation),
            },
            connection.Call(cancellation));
        await WriteAsync(parsed, response.Dossier);
        return ExitCode.Done;
    }

    private static async Task<int> StepBackAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Reviewer);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).DeclareConflictAsync(
            new() { RequestId = IdOf(parsed), Dossier = parsed.GetRequiredValue(DossierName), Reason = parsed.GetRequiredValue(Reason) }, connection.Call(cancellation));
        await WriteAsync(parsed, response.Dossier);
        return ExitCode.Done;
    }

    private static async Task<int> ReplaceAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.PanelChair);
        var client = new ReviewService.ReviewServiceClient(connection.Invoker);
        var response = await client.ReplaceMemberAsync(
            new()
            {
                RequestId = IdOf(parsed),
                Dossier = parsed.GetRequiredValue(DossierName),
                Member = parsed.GetRequiredValue(Leaver),
                Successor = parsed.GetRequiredValue(Successor),
                Etag = await EtagAsync(client, parsed, connection, cancellation),
            },
            connection.Call(cancellation));
        await WriteAsync(parsed, response.Dossier);
        return ExitCode.Done;
    }

    private static async Task<int> OpenAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.PanelChair);
        var client = new ReviewService.ReviewServiceClient(connection.Invoker);
        var response = await client.OpenBallotsAsync(
            new() { RequestId = IdOf(parsed), Dossier = parsed.GetRequiredValue(DossierName), Etag = await EtagAsync(client, parsed, connection, cancellation) }, connection.Call(cancellation));
        await WriteAsync(parsed, response.Dossier);
        return ExitCode.Done;
    }

    // The dossier as it is at this moment: whoever changes it in between makes the call fail.
    private static async Task<string> EtagAsync(ReviewService.ReviewServiceClient client, ParseResult parsed, Connection connection, CancellationToken cancellation) =>
        (await client.GetDossierAsync(new() { Name = parsed.GetRequiredValue(DossierName) }, connection.Call(cancellation))).Dossier.Etag;

    private static string IdOf(ParseResult parsed) => parsed.GetValue(RequestId) ?? PartnerCommand.FreshId();

    private static Task WriteAsync(ParseResult parsed, Dossier dossier) => Answer.WriteAsync(
        parsed, dossier,
        [
            $"{dossier.Name}  {dossier.State}  {dossier.Protocol}  until {dossier.VotingEndsAt?.ToDateTimeOffset():u}",
            .. dossier.Panel.Select(MemberLine),
        ]);

    /// <summary>A member of a panel in one line.</summary>
    public static string MemberLine(PanelMember member) =>
        $"panel      {member.Staff}  {(member.Conflict.Length > 0 ? $"stepped back: {member.Conflict}" : member.Voted ? "voted" : "has not voted")}{(member.Replaces.Length > 0 ? $" (for {member.Replaces})" : "")}";
}
