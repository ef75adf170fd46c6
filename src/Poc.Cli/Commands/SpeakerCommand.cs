using System.CommandLine;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc speaker</c>: who may speak for a subject, and who was asked.</summary>
internal static class SpeakerCommand
{
    private static readonly Argument<string> Subject = new("subject") { Description = "subjects/{subject}" };
    private static readonly Argument<string> Request = new("request") { Description = "partners/{partner}/requests/{request}" };
    private static readonly Option<string> Speaker = new("--speaker") { Description = "subjects/{subject}/speakers/{speaker}", Required = true };
    private static readonly Argument<string> Name = new("speaker") { Description = "subjects/{subject}/speakers/{speaker}" };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why; it stays on record.", Required = true };
    private static readonly Option<string> DisplayName = new("--name") { Description = "Who it is.", Required = true };
    private static readonly Option<Speaker.Types.Capacity> Capacity = new("--capacity") { Description = "counsel, family, office or subject.", Required = true };
    private static readonly Option<string> Recipient = new("--recipient") { Description = "recipients/{recipient}: the channel by mail.", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Phone = new("--phone") { Description = "The channel by telephone, + and digits.", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Basis = new("--basis") { Description = "What the entitlement rests on.", Required = true };
    private static readonly Option<string> How = new("--how") { Description = "Who called when.", Required = true };
    private static readonly Option<bool> Denies = new("--denies") { Description = "The person says that the request is not theirs: opens an impostor incident." };

    public static Command Create()
    {
        var register = new Command("register", "Register a person who may speak for a subject.") { Subject, DisplayName, Capacity, Recipient, Phone, Basis };
        register.SetAction(RegisterAsync);
        var list = new Command("list", "List who may speak for a subject, and who might once.") { Subject };
        list.SetAction(ListAsync);
        var ask = new Command("ask", "Ask a person by mail whether a request is theirs.") { Request, Speaker };
        ask.SetAction(AskAsync);
        var record = new Command("record", "Record what a person said by telephone.") { Request, Speaker, How, Denies };
        record.SetAction(RecordAsync);
        var end = new Command("end", "Say that a person may not speak for a subject any more.") { Name, Reason };
        end.SetAction(EndAsync);
        var checks = new Command("checks", "List who was asked whether a request is theirs, and what they said.") { Request };
        checks.SetAction(ListChecksAsync);
        return new Command("speaker", "Who really speaks for a subject (intake officers).") { register, list, end, ask, record, checks };
    }

    private static async Task<int> RegisterAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).RegisterSpeakerAsync(
            new()
            {
                RequestId = PartnerCommand.FreshId(),
                Parent = parsed.GetRequiredValue(Subject),
                Speaker = new()
                {
                    DisplayName = parsed.GetRequiredValue(DisplayName),
                    Capacity = parsed.GetRequiredValue(Capacity),
                    Recipient = parsed.GetRequiredValue(Recipient),
                    Phone = parsed.GetRequiredValue(Phone),
                    Basis = parsed.GetRequiredValue(Basis),
                },
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Speaker, response.Speaker.Name);
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).ListSpeakersAsync(new() { Parent = parsed.GetRequiredValue(Subject) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Speakers.Select(static speaker =>
            $"{speaker.Name}  {speaker.Capacity}  {speaker.DisplayName}{(speaker.EndedAt is null ? "" : $"  ended {speaker.EndedAt.ToDateTimeOffset():u}")}"));
        return ExitCode.Done;
    }

    private static async Task<int> AskAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).AskSpeakerAsync(
            new() { RequestId = PartnerCommand.FreshId(), Request = parsed.GetRequiredValue(Request), Speaker = parsed.GetRequiredValue(Speaker) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Check, $"{response.Check.Name}  open until {response.Check.ExpiresAt.ToDateTimeOffset():u}");
        return ExitCode.Done;
    }

    private static async Task<int> RecordAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).RecordSpeakerCheckAsync(
            new()
            {
                RequestId = PartnerCommand.FreshId(),
                Request = parsed.GetRequiredValue(Request),
                Speaker = parsed.GetRequiredValue(Speaker),
                Confirms = !parsed.GetValue(Denies),
                How = parsed.GetRequiredValue(How),
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Check, $"{response.Check.Name}  {response.Check.Outcome}");
        return ExitCode.Done;
    }

    private static async Task<int> EndAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).EndSpeakerAsync(
            new() { RequestId = PartnerCommand.FreshId(), Name = parsed.GetRequiredValue(Name), Reason = parsed.GetRequiredValue(Reason) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Speaker, $"{response.Speaker.Name}  ended {response.Speaker.EndedAt.ToDateTimeOffset():u}");
        return ExitCode.Done;
    }

    private static async Task<int> ListChecksAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).ListSpeakerChecksAsync(new() { Request = parsed.GetRequiredValue(Request) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Checks.Select(static check =>
            $"{check.Name}  {check.AskedAt.ToDateTimeOffset():u}  {check.Speaker}  {check.Outcome}{(check.AnsweredAt is null ? "" : $"  answered {check.AnsweredAt.ToDateTimeOffset():u}")}  {check.How}".TrimEnd()));
        return ExitCode.Done;
    }

    private static SpeakerService.SpeakerServiceClient Client(Connection connection) => new(connection.Invoker);
}
