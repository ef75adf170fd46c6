using System.CommandLine;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc mandate</c>: what is campaigned for, by decisions of their own.</summary>
internal static class MandateCommand
{
    private static readonly Argument<string> Subject = new("subject") { Description = "subjects/{subject}" };
    private static readonly Option<string> Aim = new("--aim") { Description = "For example release, fair-trial, no-torture, medical-care.", Required = true };
    private static readonly Option<bool> End = new("--end") { Description = "It is no longer campaigned for." };
    private static readonly Option<string> On = new("--on") { Description = "Day from which it holds, ISO 8601.", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why.", Required = true };
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "UUID: give the same one again to repeat the call safely. Made when missing." };

    public static Command Create()
    {
        var decide = new Command("decide", "Decide that something is campaigned for, or with --end no longer.") { Subject, Aim, End, On, Reason, RequestId };
        decide.SetAction(DecideAsync);
        var list = new Command("list", "List what was decided, oldest first; the last one for an aim holds.") { Subject };
        list.SetAction(ListAsync);
        return new Command("mandate", "What is campaigned for; no change of a label touches it (approvers; all staff read it).") { decide, list };
    }

    private static async Task<int> DecideAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Approver);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).DecideMandateAsync(
            new()
            {
                RequestId = parsed.GetValue(RequestId) ?? PartnerCommand.FreshId(),
                Parent = parsed.GetRequiredValue(Subject),
                Mandate = new() { Aim = parsed.GetRequiredValue(Aim), InForce = !parsed.GetValue(End), EffectiveOn = parsed.GetRequiredValue(On), Reason = parsed.GetRequiredValue(Reason) },
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Mandate, Line(response.Mandate));
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Auditor);
        var subject = (await new ReviewService.ReviewServiceClient(connection.Invoker).GetSubjectAsync(new() { Name = parsed.GetRequiredValue(Subject) }, connection.Call(cancellation))).Subject;
        await Answer.WriteAsync(parsed, subject, [.. subject.Mandates.Select(Line), $"{subject.Mandates.Count} decisions"]);
        return ExitCode.Done;
    }

    private static string Line(Mandate mandate) => $"{mandate.EffectiveOn}  {mandate.Aim}  {(mandate.InForce ? "campaigned for" : "no longer")}  {mandate.DecidedBy}  {mandate.Reason}";
}
