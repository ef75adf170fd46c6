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

    private static readonly Option<bool> Wait = new("--wait") { Description = "Stay until it is done; 1 where a seal could not be wrapped anew, or another run took its place." };
    private static readonly Argument<string> Key = new("key") { Description = "sealingKeys/{sealing_key}" };

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var release = new Command("release", "Open the seal. Who did it, when and why goes on record first.") { Request, Motivation };
        release.SetAction(ReleaseAsync);
        var releases = new Command("releases", "List the newest releases, without what was released.") { Of };
        releases.SetAction(ListAsync);
        var rewrap = new Command("rewrap", "Have all seals wrapped under the current key, in the background, so that an old one can go. The seals are not opened.") { Wait };
        rewrap.SetAction(RewrapAsync);
        var rewraps = new Command("rewraps", "List who had seals wrapped anew, and how far it is.");
        rewraps.SetAction(ListRewrapsAsync);
        var keys = new Command("keys", "List the keys that seal, and how much is under each.");
        keys.SetAction(ListKeysAsync);
        var retire = new Command("retire-key", "Take a key out of use for good, if nothing is under it. Then it can be taken out of the configuration.") { Key };
        retire.SetAction(RetireKeyAsync);
        return new Command("requester", "Who stands behind requests, under seal (custodians; keys also administrators).") { release, releases, rewrap, rewraps, keys, retire };
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

    private static async Task<int> RewrapAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Custodian);
        var client = new RequesterService.RequesterServiceClient(connection.Invoker);
        var rewrap = (await client.RewrapRequestersAsync(new() { RequestId = PartnerCommand.FreshId() }, connection.Call(cancellation))).Rewrap;
        while (parsed.GetValue(Wait) && rewrap.State == RequesterRewrap.Types.State.Running)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"{rewrap.DoneCount} of {rewrap.TotalCount}");
            await Task.Delay(LookAgain, TimeProvider.System, cancellation);
            rewrap = await FindAsync(client, connection, rewrap.Name, cancellation);
        }

        await Answer.WriteAsync(parsed, rewrap, Line(rewrap));
        return rewrap.FailedCount == 0 && rewrap.State != RequesterRewrap.Types.State.Superseded ? ExitCode.Done : ExitCode.Refused;
    }

    // Newest first: it is among the first, unless others were started since.
    private static async Task<RequesterRewrap> FindAsync(RequesterService.RequesterServiceClient client, Connection connection, string name, CancellationToken cancellation)
    {
        var page = new ListRequesterRewrapsRequest();
        while (true)
        {
            var answer = await client.ListRequesterRewrapsAsync(page, connection.Call(cancellation));
            if (answer.Rewraps.FirstOrDefault(rewrap => rewrap.Name == name) is { } found)
            {
                return found;
            }

            page.PageToken = answer.NextPageToken.Length > 0 ? answer.NextPageToken : throw new InvalidDataException($"{name} is not on record any more.");
        }
    }

    private static async Task<int> ListRewrapsAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Custodian);
        var response = await new RequesterService.RequesterServiceClient(connection.Invoker).ListRequesterRewrapsAsync(new() { PageSize = 500 }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Rewraps.Select(Line));
        return ExitCode.Done;
    }

    private static async Task<int> ListKeysAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Custodian);
        var response = await new RequesterService.RequesterServiceClient(connection.Invoker).ListSealingKeysAsync(new(), connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Keys.Select(Line));
        return ExitCode.Done;
    }

    private static async Task<int> RetireKeyAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Custodian);
        var response = await new RequesterService.RequesterServiceClient(connection.Invoker).RetireSealingKeyAsync(
            new() { RequestId = PartnerCommand.FreshId(), Name = parsed.GetRequiredValue(Key) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Key, Line(response.Key));
        return ExitCode.Done;
    }

    private static string Line(RequesterRewrap rewrap) =>
        $"{rewrap.Name}  {rewrap.State}  {rewrap.DoneCount} of {rewrap.TotalCount} under {rewrap.SealingKey}{(rewrap.FailedCount > 0 ? $", {rewrap.FailedCount} could not be" : "")}"
        + $"  started {rewrap.StartedAt.ToDateTimeOffset():u} by {rewrap.StartedBy}{PartnerCertificates.Noted("ended", rewrap.FinishedAt)}";

    private static string Line(SealingKey key) =>
        $"{key.Name}  {key.SealCount} seals{(key.Current ? "  current" : "")}{(key.Configured ? "" : "  not configured")}{(key.RetiredAt is null ? "" : $"  retired {key.RetiredAt.ToDateTimeOffset():u} by {key.RetiredBy}")}";
}
