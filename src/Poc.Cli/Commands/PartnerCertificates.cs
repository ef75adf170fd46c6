using System.CommandLine;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc partner certificate</c>: the certificates by which partners prove themselves in TLS.</summary>
internal static class PartnerCertificates
{
    // More than the service takes, so that it is the service that says what is wrong with a large file.
    private const int MaxFileBytes = 64 * 1024;

    private static readonly Argument<string> Partner = new("partner") { Description = "Partner id." };
    private static readonly Argument<string> Certificate = new("certificate") { Description = "partners/{partner}/certificates/{certificate}" };
    private static readonly Option<FileInfo> CertificateFile = new("--file") { Description = "The certificate, PEM or DER; its private key stays with the partner.", Required = true };

    public static Command Create()
    {
        var register = new Command("register", "Register a certificate that names the partner as urn:poc:partners/{partner}. At most two are live.") { Partner, CertificateFile };
        register.SetAction(RegisterAsync);
        var list = new Command("list", "List a partner's certificates, newest first.") { Partner };
        list.SetAction(ListAsync);
        var revoke = new Command("revoke", "End a certificate, everywhere within 5 seconds.") { Certificate };
        revoke.SetAction(RevokeAsync);
        return new Command("certificate", "Certificates of partners.") { register, list, revoke };
    }

    private static async Task<int> RegisterAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var file = parsed.GetRequiredValue(CertificateFile);
        if (!file.Exists || file.Length > MaxFileBytes)
        {
            throw new UsageException($"{file} is no certificate: give a file in PEM or DER.");
        }

        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await Client(connection).RegisterCertificateAsync(
            new()
            {
                RequestId = PartnerCommand.FreshId(),
                Parent = $"partners/{parsed.GetRequiredValue(Partner)}",
                Certificate = ByteString.CopyFrom(await File.ReadAllBytesAsync(file.FullName, cancellation)),
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Certificate, Line(response.Certificate));
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await Client(connection).ListCertificatesAsync(
            new() { Parent = $"partners/{parsed.GetRequiredValue(Partner)}", PageSize = 500 }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, response.Certificates.Select(Line));
        return ExitCode.Done;
    }

    private static async Task<int> RevokeAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await Client(connection).RevokeCertificateAsync(
            new() { RequestId = PartnerCommand.FreshId(), Name = parsed.GetRequiredValue(Certificate) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Certificate, Line(response.Certificate));
        return ExitCode.Done;
    }

    private static PartnerAdminService.PartnerAdminServiceClient Client(Connection connection) => new(connection.Invoker);

    private static string Line(Certificate certificate) =>
        $"{certificate.Name}  {Day(certificate.NotBefore)} to {Day(certificate.NotAfter)}{Noted("revoked", certificate.RevokedAt)}{Noted("last used", certificate.LastUsedAt)}";

    private static string Day(Timestamp time) => time.ToDateTimeOffset().ToString("yyyy-MM-dd", null);

    /// <summary>A time that may not be there.</summary>
    internal static string Noted(string what, Timestamp? time) => time is null ? "" : $"  {what} {time.ToDateTimeOffset():u}";
}
