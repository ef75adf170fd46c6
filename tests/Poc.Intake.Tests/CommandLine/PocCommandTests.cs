using System.Security.Cryptography;
using System.Text.Json;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Testing;

namespace Poc.Intake.Tests.CommandLine;

/// <summary><c>poc</c> as a shell runs it, against a real Intake.</summary>
public sealed class PocCommandTests(IntakeStack stack) : IDisposable
{
    private static readonly (string, string) Quick = ("Intake:ExportInterval", "00:00:00.050");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("poc-commands-");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_partner_takes_its_requests_back()
    {
        await using var intake = await stack.ReplicaAsync(Quick);
        var partner = await intake.NewPartnerAsync();
        var filed = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            filed.Add((await partner.SubmitAsync(Filings.Delist())).Request.Name);
        }

        var export = (await JsonAsync(partner, "exports", "start", "--filter", "language = \"ru\"")).GetProperty("name").GetString()!;
        Assert.Equal("STATE_SUCCEEDED", (await JsonAsync(partner, "exports", "wait", export)).GetProperty("state").GetString());
        var file = Path.Combine(_folder.FullName, "mine.jsonl");
        // What an earlier attempt left: half a line.
        await File.WriteAllTextAsync($"{file}.part", "{ \"name\":", Ended);
        var download = await RunAsync(partner, "exports", "download", export, "--out", file);

        Assert.Equal(0, download.ExitCode);
        Assert.Equal(filed, (await File.ReadAllLinesAsync(file, Ended)).Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("name").GetString()));
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, Ended))), download.Output, StringComparison.Ordinal);
        Assert.False(File.Exists($"{file}.part"));
        Assert.StartsWith(export, (await RunAsync(partner, "exports", "list")).Output, StringComparison.Ordinal);

        // Not over a file that is there; not from what is something else; not once it is done.
        Assert.Equal(2, (await RunAsync(partner, "exports", "download", export, "--out", file)).ExitCode);
        var other = Path.Combine(_folder.FullName, "other.jsonl");
        await File.WriteAllTextAsync($"{other}.part", "{}\n", Ended);
        Assert.Equal(1, (await RunAsync(partner, "exports", "download", export, "--out", other)).ExitCode);
        Assert.False(File.Exists(other));
        var cancel = await RunAsync(partner, "exports", "cancel", export);
        Assert.Equal(1, cancel.ExitCode);
        Assert.StartsWith("poc: FailedPrecondition OPERATION_DONE", cancel.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partner_shows_a_receipt_and_declares_a_template()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var filing = await partner.SubmitAsync(Filings.Delist());

        Assert.Equal(filing.Receipt.TextSha256, (await JsonAsync(partner, "request", "receipt", filing.Request.Name)).GetProperty("textSha256").GetString());
        var wording = Path.Combine(_folder.FullName, "wording.txt");
        await File.WriteAllTextAsync(wording, "We, the undersigned, ask you to look at this designation again and to say why it was made. (synthetic)", Ended);
        Assert.Equal($"{partner.Name}/templates/spring", (await JsonAsync(partner, "campaigns", "declare", "--id", "spring", "--text-file", wording)).GetProperty("name").GetString());
        Assert.StartsWith("poc: NotFound CAMPAIGN_NOT_FOUND", (await RunAsync(partner, "campaigns", "contest", "campaigns/999999999", "--reason", "Not ours.")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staff_see_partners_their_record_and_who_was_asked()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();

        Assert.Contains(partner.Name, (await StaffAsync(intake, Roles.Administrator, "partner", "list")).Output.Split('\n', '\r', ' '));
        Assert.StartsWith("decided     0, granted 0", (await StaffAsync(intake, Roles.IntakeOfficer, "partner", "record", partner.Name["partners/".Length..])).Output, StringComparison.Ordinal);
        var speaker = (await StaffAsync(
            intake, Roles.IntakeOfficer, "speaker", "register", "subjects/navalny", "--name", "Counsel (synthetic)", "--capacity", "counsel", "--phone", "+3225550100", "--basis", "Power of attorney."))
            .Output.Trim();
        var filing = Filings.Delist();
        filing.Request.Relation = Relation.Counsel;
        var request = (await partner.SubmitAsync(filing)).Request.Name;
        await StaffAsync(intake, Roles.IntakeOfficer, "speaker", "record", request, "--speaker", speaker, "--how", "Called at noon.", "--denies");
        var checks = (await StaffAsync(intake, Roles.IntakeOfficer, "speaker", "checks", request)).Output;
        Assert.Contains(speaker, checks, StringComparison.Ordinal);
        Assert.Contains("Called at noon.", checks, StringComparison.Ordinal);
        var incident = Assert.Single((await intake.Speakers.ListImpostorIncidentsAsync(new() { PageSize = 500 }, IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended)).Incidents, found => found.Request == request);
        Assert.Contains($"request  {request}, in the name of {speaker}", (await StaffAsync(intake, Roles.IntakeOfficer, "incident", "show", incident.Name)).Output, StringComparison.Ordinal);
        Assert.StartsWith($"{speaker}  ended ", (await StaffAsync(intake, Roles.IntakeOfficer, "speaker", "end", speaker, "--reason", "Revoked.")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staff_record_public_acts()
    {
        var intake = await stack.IntakeAsync();
        var subject = $"subjects/s{Filings.NewId()[..13]}";

        var recorded = (await StaffAsync(intake, Roles.IntakeOfficer, "amplification", "record", "--subject", subject, "--description", "A broadcast. (synthetic)", "--on", "2021-02-01")).Output;

        Assert.Contains("2021-02-01", recorded, StringComparison.Ordinal);
        Assert.Equal(recorded, (await StaffAsync(intake, Roles.IntakeOfficer, "amplification", "list", "--subject", subject)).Output);
    }

    [Fact]
    public async Task Custodians_change_the_key_that_seals()
    {
        var surroundings = await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString);
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings);
        var partner = await intake.NewPartnerAsync();
        var filing = Filings.Delist();
        filing.Requester = new Requester { Name = "Somebody (synthetic)" };
        await partner.SubmitAsync(filing);
        await using var rotated = await IntakeServer.StartAsync(
            surroundings, ("RequesterSealing:Keys:second", IntakeServer.SealingKey), ("RequesterSealing:CurrentKey", "second"), ("RequesterSealing:RewrapInterval", "00:00:00.050"));

        var refused = await RunAsync(rotated, "requester", "retire-key", "sealingKeys/first", "--token", Token(Roles.Custodian));
        var run = await StaffAsync(rotated, Roles.Custodian, "requester", "rewrap", "--wait");
        var retired = await StaffAsync(rotated, Roles.Custodian, "requester", "retire-key", "sealingKeys/first");
        var keys = await StaffAsync(rotated, Roles.Auditor, "requester", "keys");

        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("poc: FailedPrecondition SEALING_KEY_IN_USE", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("Finished  1 of 1 under sealingKeys/second", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("sealingKeys/first  0 seals  retired ", retired.Output, StringComparison.Ordinal);
        Assert.Contains("sealingKeys/second  1 seals  current", keys.Output.Split('\n', '\r'));
        Assert.Equal(run.Output, (await StaffAsync(rotated, Roles.Auditor, "requester", "rewraps")).Output);
    }

    private async Task<JsonElement> JsonAsync(TestPartner partner, params string[] arguments)
    {
        var (exit, output, errors) = await RunAsync(partner, [.. arguments, "--json"]);
        Assert.True(exit == 0, errors);
        return JsonDocument.Parse(output).RootElement;
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(TestPartner partner, params string[] arguments) =>
        RunAsync(partner.Server, [.. arguments, "--api-key", partner.ApiKey]);

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(IntakeServer intake, params string[] arguments) =>
        Cli.Tests.CommandLine.RunAsync(_folder.FullName, [.. arguments, "--intake", intake.Address]);

    private static string Token(string role) => IntakeServer.Staff(role).GetValue("authorization")!["Bearer ".Length..];

    private async Task<(int ExitCode, string Output, string Errors)> StaffAsync(IntakeServer intake, string role, params string[] arguments)
    {
        var run = await RunAsync(intake, [.. arguments, "--token", Token(role)]);
        Assert.True(run.ExitCode == 0, run.Errors);
        return run;
    }
}
