using System.CommandLine;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc ballot</c>: a reviewer's vote.</summary>
internal static class BallotCommand
{
    private static readonly Argument<string> DossierName = new("dossier") { Description = "dossiers/{dossier}" };
    private static readonly Option<Choice> Vote = new("--choice") { Description = "for, against or abstain.", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why.", Required = true };
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "UUID: give the same one again to repeat the call safely. Made when missing." };

    public static Command Create()
    {
        var cast = new Command("cast", "Seal your vote. It cannot be changed, and nobody sees it before all are in or the term has ended.") { DossierName, Vote, Reason, RequestId };
        cast.SetAction(CastAsync);
        var list = new Command("list", "Show the ballots: before they are open, only your own and how many are in.") { DossierName };
        list.SetAction(ListAsync);
        return new Command("ballot", "Vote as a member of a panel (reviewers; --as says who you are).") { cast, list };
    }

    private static async Task<int> CastAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Reviewer);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).CastBallotAsync(
            new()
            {
                RequestId = parsed.GetValue(RequestId) ?? PartnerCommand.FreshId(),
                Dossier = parsed.GetRequiredValue(DossierName),
                Ballot = new() { Choice = parsed.GetValue(Vote), Reason = parsed.GetRequiredValue(Reason) },
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Opened ? "Sealed. It was the last one: the ballots are open." : "Sealed.");
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Reviewer);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).ListBallotsAsync(
            new() { Dossier = parsed.GetRequiredValue(DossierName) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response,
        [
            .. response.Ballots.Select(ballot => $"{ballot.Reviewer}  {ballot.Choice}  {ballot.Reason}"),
            response.Open
                ? $"open: {response.Tally.ForCount} for, {response.Tally.AgainstCount} against, {response.Tally.AbstainCount} abstained, of {response.Tally.EligibleCount}"
                : $"sealed: {response.CastCount} in",
        ]);
        return ExitCode.Done;
    }
}
