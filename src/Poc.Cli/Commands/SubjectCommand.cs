using System.CommandLine;
using System.Globalization;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc subject</c>: says whom a request is about that only describes a person, and who a subject is.</summary>
internal static class SubjectCommand
{
    private static readonly Argument<string> Request = new("request") { Description = "partners/{partner}/requests/{request}" };
    private static readonly Option<string> Subject = new("--subject") { Description = "subjects/{subject}; leave it out when it is nobody on record.", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Reason = new("--reason") { Description = "What the decision rests on.", Required = true };

    public static Command Create()
    {
        var candidates = new Command("candidates", "Show subjects on record whose names are spelled like the described person's.") { Request };
        candidates.SetAction(ListCandidatesAsync);
        var confirm = new Command("confirm", "Say whom the request is about, once and for good.") { Request, Subject, Reason };
        confirm.SetAction(ConfirmAsync);
        var command = new Command("subject", "Whom described requests are about, and who a subject is (intake officers and approvers).") { candidates, confirm };
        foreach (var identity in SubjectIdentity.Create())
        {
            command.Add(identity);
        }

        return command;
    }

    private static async Task<int> ListCandidatesAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await new SubjectMatchingService.SubjectMatchingServiceClient(connection.Invoker).ListSubjectCandidatesAsync(
            new() { Request = parsed.GetRequiredValue(Request) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Candidates.Select(static candidate =>
            string.Create(CultureInfo.InvariantCulture, $"{candidate.Similarity:0.00}  {candidate.Subject}  {candidate.NativeName}  (by {candidate.MatchedName})")));
        return ExitCode.Done;
    }

    private static async Task<int> ConfirmAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await new SubjectMatchingService.SubjectMatchingServiceClient(connection.Invoker).ConfirmSubjectAsync(
            new()
            {
                RequestId = PartnerCommand.FreshId(),
                Request = parsed.GetRequiredValue(Request),
                Subject = parsed.GetRequiredValue(Subject),
                Reason = parsed.GetRequiredValue(Reason),
            },
            connection.Call(cancellation));
        var subject = response.Confirmation.Subject;
        await Answer.WriteAsync(parsed, response.Confirmation, $"{response.Confirmation.Request}  is about {(subject.Length == 0 ? "nobody on record" : subject)}");
        return ExitCode.Done;
    }
}
