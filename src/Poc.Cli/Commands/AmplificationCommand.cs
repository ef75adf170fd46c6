using System.CommandLine;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc amplification</c>: public acts that may have set requests off.</summary>
internal static class AmplificationCommand
{
    private static readonly Option<string> Subject = new("--subject") { Description = "subjects/{subject}", Required = true };
    private static readonly Option<string> About = new("--subject") { Description = "Only those about subjects/{subject}.", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Description = new("--description") { Description = "What was done in public, by whom.", Required = true };
    private static readonly Option<string> OccurredOn = new("--on") { Description = "Its day, YYYY-MM-DD.", Required = true };
    private static readonly Option<string> Url = new("--url") { Description = "Where it can be seen.", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Statement = new("--statement") { Description = "subjects/{subject}/statements/{statement} that it spreads.", DefaultValueFactory = _ => "" };

    public static Command Create()
    {
        var record = new Command("record", "Record a broadcast, a repost or a publication; campaigns near it show it.") { Subject, Description, OccurredOn, Url, Statement };
        record.SetAction(RecordAsync);
        var list = new Command("list", "List recorded acts.") { About };
        list.SetAction(ListAsync);
        return new Command("amplification", "Public acts that may have set requests off (intake officers).") { record, list };
    }

    private static async Task<int> RecordAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await new IntakeService.IntakeServiceClient(connection.Invoker).RecordAmplificationEventAsync(
            new()
            {
                RequestId = PartnerCommand.FreshId(),
                AmplificationEvent = new()
                {
                    Subject = parsed.GetRequiredValue(Subject),
                    Description = parsed.GetRequiredValue(Description),
                    OccurredOn = parsed.GetRequiredValue(OccurredOn),
                    Url = parsed.GetRequiredValue(Url),
                    Statement = parsed.GetRequiredValue(Statement),
                },
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.AmplificationEvent, Line(response.AmplificationEvent));
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await new IntakeService.IntakeServiceClient(connection.Invoker).ListAmplificationEventsAsync(
            new() { Subject = parsed.GetRequiredValue(About) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.AmplificationEvents.Select(Line));
        return ExitCode.Done;
    }

    private static string Line(AmplificationEvent act) => $"{act.Name}  {act.OccurredOn}  {act.Subject}  {act.Description}  {act.Url}{act.Statement}".TrimEnd();
}
