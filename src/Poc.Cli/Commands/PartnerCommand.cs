using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using Google.Protobuf;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc partner</c>: registers partners and their credentials.</summary>
internal static class PartnerCommand
{
    private static readonly Argument<string> Id = new("partner") { Description = "Partner id: lower-case letters, digits and hyphens." };
    private static readonly Option<string> DisplayName = new("--name") { Description = "Name shown to staff.", Required = true };
    private static readonly Option<bool> Section = new("--section") { Description = "A section of this organisation, not another one." };

    public static Command Create()
    {
        var create = new Command("create", "Register a partner organisation.") { Id, DisplayName, Section };
        create.SetAction(CreatePartnerAsync);
        var key = new Command("key", "Make an API key for a partner. It is shown once; the service only ever has its hash.") { Id };
        key.SetAction(MakeKeyAsync);
        return new Command("partner", "Partners and their credentials (administrators).") { create, key, PartnerCertificates.Create() };
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

    /// <summary>A request id for a call that is made once, by hand.</summary>
    internal static string FreshId() => new Kernel.IdSource(TimeProvider.System).Next().ToString();
}
