using System.CommandLine;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc tie</c>: who knows whom too well to judge.</summary>
internal static class TieCommand
{
    private static readonly Argument<string> Subject = new("subject") { Description = "subjects/{subject}" };
    private static readonly Argument<string> Name = new("tie") { Description = "subjects/{subject}/ties/{tie}" };
    private static readonly Option<string> Staff = new("--staff") { Description = "staff/{staff}", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "What it is; to end it, why.", Required = true };
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "UUID: give the same one again to repeat the call safely. Made when missing." };

    public static Command Create()
    {
        var record = new Command("record", "Put a tie on record: they are not seated for the subject from then on, and step back from a panel that votes.") { Subject, Staff, Reason, RequestId };
        record.SetAction(RecordAsync);
        var end = new Command("end", "End a tie. The record of it stays.") { Name, Reason, RequestId };
        end.SetAction(EndAsync);
        var list = new Command("list", "List the ties to a subject, ended ones too.") { Subject };
        list.SetAction(ListAsync);
        return new Command("tie", "Ties between staff and subjects (approvers and administrators; panel chairs and auditors read them).") { record, end, list };
    }

    private static async Task<int> RecordAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Approver);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).RecordTieAsync(
            new()
            {
                RequestId = parsed.GetValue(RequestId) ?? PartnerCommand.FreshId(),
                Parent = parsed.GetRequiredValue(Subject),
                Tie = new() { Staff = parsed.GetRequiredValue(Staff), Reason = parsed.GetRequiredValue(Reason) },
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, [Line(response.Tie), .. response.SteppedBack.Select(static dossier => $"stepped back from the panel of {dossier}")]);
        return ExitCode.Done;
    }

    private static async Task<int> EndAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Approver);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).EndTieAsync(
            new() { RequestId = parsed.GetValue(RequestId) ?? PartnerCommand.FreshId(), Name = parsed.GetRequiredValue(Name), Reason = parsed.GetRequiredValue(Reason) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, Line(response.Tie));
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Approver);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).ListTiesAsync(new() { Parent = parsed.GetRequiredValue(Subject) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, [.. response.Ties.Select(Line), $"{response.Ties.Count} ties"]);
        return ExitCode.Done;
    }

    private static string Line(Tie tie) => $"{tie.Name}  {tie.Staff}  {tie.Reason}{(tie.EndedAt is null ? "" : $"  (ended: {tie.EndReason})")}";
}
