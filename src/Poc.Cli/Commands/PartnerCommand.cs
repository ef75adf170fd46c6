using System.Buffers.Text;
using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc partner</c>: registers partners and their credentials.</summary>
internal static class PartnerCommand
{
    private static readonly Argument<string> Id = new("partner") { Description = "Partner id: lower-case letters, digits and hyphens." };
    private static readonly Argument<string> Key = new("key") { Description = "partners/{partner}/apiKeys/{api_key}" };
    private static readonly Option<string> DisplayName = new("--name") { Description = "Name shown to staff.", Required = true };
    private static readonly Option<bool> Section = new("--section") { Description = "A section of this organisation, not another one." };

    public static Command Create()
    {
        var create = new Command("create", "Register a partner organisation.") { Id, DisplayName, Section };
        create.SetAction(CreatePartnerAsync);
        var key = new Command("key", "Make an API key for a partner. It is shown once; the service only ever has its hash.") { Id };
        key.SetAction(MakeKeyAsync);
        var keys = new Command("keys", "List a partner's API keys, newest first.") { Id };
        keys.SetAction(ListKeysAsync);
        var revoke = new Command("revoke-key", "End an API key, everywhere within 5 seconds.") { Key };
        revoke.SetAction(RevokeKeyAsync);
        var uses = new Command("uses", "Which credential was used when, from where, how often and with what outcome.") { Id };
        uses.SetAction(ListUsesAsync);
        var list = new Command("list", "List all partners.");
        list.SetAction(ListAsync);
        var record = new Command("record", "How a partner's earlier requests held up, beside those of all partners (intake officers).") { Id };
        record.SetAction(ShowRecordAsync);
        var partner = new Command("partner", "Partners, their credentials and their limits (administrators).") { create, list, record, key, keys, revoke, PartnerCertificates.Create(), uses };
        foreach (var command in PartnerLimits.Create())
        {
            partner.Subcommands.Add(command);
        }

        return partner;
    }

    private static async Task<int> CreatePartnerAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await new PartnerAdminService.PartnerAdminServiceClient(connection.Invoker).CreatePartnerAsync(
            new()
            {
                RequestId = FreshId(),
                PartnerId = parsed.GetRequiredValue(Id),
                Partner = new()
                {
                    DisplayName = parsed.GetRequiredValue(DisplayName),
                    Kind = parsed.GetValue(Section) ? Partner.Types.Kind.Section : Partner.Types.Kind.Organisation,
                },
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Partner, $"{response.Partner.Name}  {response.Partner.DisplayName}");
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var client = new PartnerAdminService.PartnerAdminServiceClient(connection.Invoker);
        var all = new ListPartnersResponse();
        do
        {
            var page = await client.ListPartnersAsync(new() { PageSize = 500, PageToken = all.NextPageToken }, connection.Call(cancellation));
            all.Partners.Add(page.Partners);
            all.NextPageToken = page.NextPageToken;
        }
        while (all.NextPageToken.Length > 0);
        await Answer.WriteAsync(parsed, all, all.Partners.Select(static partner => $"{partner.Name}  {partner.Kind}  {partner.DisplayName}"));
        return ExitCode.Done;
    }

    private static async Task<int> ShowRecordAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var record = (await new AdmissibilityService.AdmissibilityServiceClient(connection.Invoker).GetPartnerRecordAsync(
            new() { Partner = $"partners/{parsed.GetRequiredValue(Id)}" }, connection.Call(cancellation))).Record;
        await Answer.WriteAsync(parsed, record,
            string.Create(CultureInfo.InvariantCulture, $"decided     {record.DecidedCount}, granted {record.GrantedCount}: {record.GrantedShare:0.00}, with chance between {record.ShareLow:0.00} and {record.ShareHigh:0.00}"),
            string.Create(CultureInfo.InvariantCulture, $"all others  {record.BaseShare:0.00} of {record.BaseCount}"),
            $"mismatches  {record.MismatchCount} requests that the person in whose name they came denied",
            $"as of       {record.AsOf.ToDateTimeOffset():u}");
        return ExitCode.Done;
    }

    private static async Task<int> MakeKeyAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var id = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 12);
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await new PartnerAdminService.PartnerAdminServiceClient(connection.Invoker).RegisterApiKeyAsync(
            new()
            {
                RequestId = FreshId(),
                Parent = $"partners/{parsed.GetRequiredValue(Id)}",
                ApiKeyId = id,
                SecretSha256 = ByteString.CopyFrom(SHA256.HashData(secret)),
            },
            connection.Call(cancellation));
        var key = $"poc_{id}_{Base64Url.EncodeToString(secret)}";
        await Answer.WriteAsync(parsed, new { name = response.ApiKey.Name, key }, key);
        return ExitCode.Done;
    }

    private static async Task<int> ListKeysAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await new PartnerAdminService.PartnerAdminServiceClient(connection.Invoker).ListApiKeysAsync(
            new() { Parent = $"partners/{parsed.GetRequiredValue(Id)}", PageSize = 500 }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.ApiKeys.Select(Line));
        return ExitCode.Done;
    }

    private static async Task<int> RevokeKeyAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await new PartnerAdminService.PartnerAdminServiceClient(connection.Invoker).RevokeApiKeyAsync(
            new() { RequestId = FreshId(), Name = parsed.GetRequiredValue(Key) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.ApiKey, Line(response.ApiKey));
        return ExitCode.Done;
    }

    private static async Task<int> ListUsesAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await new PartnerAdminService.PartnerAdminServiceClient(connection.Invoker).ListCredentialUsesAsync(
            new() { Parent = $"partners/{parsed.GetRequiredValue(Id)}", PageSize = 500 }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.CredentialUses.Select(static use =>
            $"{use.Hour.ToDateTimeOffset():u}  {use.Credential}  {use.Network}  {use.Outcome}  {use.Calls}  last {use.LastAt.ToDateTimeOffset():u}"));
        return ExitCode.Done;
    }

    private static string Line(ApiKey key) =>
        $"{key.Name}  created {key.CreatedAt.ToDateTimeOffset():u}{PartnerCertificates.Noted("revoked", key.RevokedAt)}{PartnerCertificates.Noted("last used", key.LastUsedAt)}";

    /// <summary>A request id for a call that is made once, by hand.</summary>
    internal static string FreshId() => new Kernel.IdSource(TimeProvider.System).Next().ToString();
}
