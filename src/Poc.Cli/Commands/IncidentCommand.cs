using System.CommandLine;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc incident</c>: who pretended to speak for a subject.</summary>
internal static class IncidentCommand
{
    private static readonly Argument<string> Name = new("incident") { Description = "impostorIncidents/{incident}" };
    private static readonly Option<string> About = new("--subject") { Description = "subjects/{subject}", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Subject = new("--subject") { Description = "subjects/{subject}", Required = true };
    private static readonly Option<string> Description = new("--description") { Description = "What happened.", Required = true };
    private static readonly Option<string> Resolution = new("--resolution") { Description = "What was found and done.", Required = true };
    private static readonly Option<bool> All = new("--all") { Description = "Closed ones too." };

    public static Command Create()
    {
        var open = new Command("open", "Put a call, a mail or a visit by an impostor on record.") { Subject, Description };
        open.SetAction(OpenAsync);
        var list = new Command("list", "List open incidents, newest first.") { About, All };
        list.SetAction(ListAsync);
        var close = new Command("close", "Close an incident.") { Name, Resolution };
        close.SetAction(CloseAsync);
        var show = new Command("show", "Show an incident.") { Name };
        show.SetAction(ShowAsync);
        return new Command("incident", "Impostor incidents (intake officers).") { open, list, show, close };
    }

    private static async Task<int> OpenAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).OpenImpostorIncidentAsync(
            new()
            {
                RequestId = PartnerCommand.FreshId(),
                Incident = new() { Subject = parsed.GetRequiredValue(Subject), Description = parsed.GetRequiredValue(Description) },
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Incident, response.Incident.Name);
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).ListImpostorIncidentsAsync(
            new()
            {
                Subject = parsed.GetRequiredValue(About),
                State = parsed.GetValue(All) ? ImpostorIncident.Types.State.Unspecified : ImpostorIncident.Types.State.Open,
                PageSize = 500,
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Incidents.Select(static incident =>
            $"{incident.Name}  {incident.OpenedAt.ToDateTimeOffset():u}  {incident.State}  {incident.Subject}  {incident.Request}  {incident.Description}"));
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var incident = (await Client(connection).GetImpostorIncidentAsync(new() { Name = parsed.GetRequiredValue(Name) }, connection.Call(cancellation))).Incident;
        await Answer.WriteAsync(parsed, incident,
        [
            $"{incident.Name}  {incident.State}",
            $"subject  {incident.Subject}",
            .. incident.Request.Length > 0 ? [$"request  {incident.Request}, in the name of {incident.Speaker}"] : (string[])[],
            $"opened   {incident.OpenedAt.ToDateTimeOffset():u} by {incident.OpenedBy}: {incident.Description}",
            .. incident.ClosedAt is null ? (string[])[] : [$"closed   {incident.ClosedAt.ToDateTimeOffset():u} by {incident.ClosedBy}: {incident.Resolution}"],
        ]);
        return ExitCode.Done;
    }

    private static async Task<int> CloseAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).CloseImpostorIncidentAsync(
            new() { RequestId = PartnerCommand.FreshId(), Name = parsed.GetRequiredValue(Name), Resolution = parsed.GetRequiredValue(Resolution) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Incident, $"{response.Incident.Name}  {response.Incident.State}");
        return ExitCode.Done;
    }

    private static SpeakerService.SpeakerServiceClient Client(Connection connection) => new(connection.Invoker);
}
