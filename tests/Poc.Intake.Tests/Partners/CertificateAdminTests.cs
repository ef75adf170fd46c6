using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Intake.Tests.Partners;

/// <summary>What administrators do with certificates.</summary>
public sealed class CertificateAdminTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Administrator => IntakeServer.Staff(Roles.Administrator);

    [Theory]
    [InlineData("no URI")]
    [InlineData("another partner")]
    [InlineData("two partners")]
    [InlineData("another scheme")]
    [InlineData("no usage")]
    [InlineData("a server's usage")]
    [InlineData("a weak key")]
    [InlineData("expired")]
    public async Task A_certificate_that_does_not_fit_the_partner_is_refused(string fault)
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        using var certificate = TlsIntake.NewCertificate(partner.Name, draft =>
        {
            switch (fault)
            {
                case "no URI":
                    draft.Uris.Clear();
                    break;
                case "another partner":
                    draft.Uris[0] = "urn:poc:partners/somebody-else";
                    break;
                case "two partners":
                    draft.Uris.Add("urn:poc:partners/somebody-else");
                    break;
                case "another scheme":
                    draft.Uris[0] = $"https://poc.example/{partner.Name}";
                    break;
                case "no usage":
                    draft.Usages.Clear();
                    break;
                case "a server's usage":
                    draft.Usages[0] = CertificateDraft.ServerAuthentication;
                    break;
                case "a weak key":
                    draft.RsaBits = 1024;
                    break;
                default:
                    (draft.NotBefore, draft.NotAfter) = (draft.NotBefore.AddDays(-2), draft.NotBefore.AddDays(-1));
                    break;
            }
        });

        var refusal = await partner.Server.Admin.RegisterCertificateAsync(TlsIntake.Registration(partner.Name, certificate), Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["certificate"], refusal.WrongFields());
    }

    [Fact]
    public async Task What_is_no_certificate_is_refused()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();

        foreach (var bytes in new[] { [], "not a certificate"u8.ToArray(), new byte[20_000], [0x30, 0x82, 0xff, 0xff] })
        {
            var refusal = await partner.Server.Admin.RegisterCertificateAsync(
                new RegisterCertificateRequest { RequestId = "1", Parent = "nobody", Certificate = ByteString.CopyFrom(bytes) }, Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
            Assert.Equal(["request_id", "parent", "certificate"], refusal.WrongFields());
        }
    }

    [Fact]
    public async Task PEM_is_read_as_DER_is()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        using var certificate = TlsIntake.NewCertificate(partner.Name);
        var message = TlsIntake.Registration(partner.Name, certificate);
        message.Certificate = ByteString.CopyFromUtf8(certificate.ExportCertificatePem());

        var registered = (await partner.Server.Admin.RegisterCertificateAsync(message, Administrator, cancellationToken: Ended)).Certificate;

        Assert.Equal(TlsIntake.Name(partner.Name, certificate), registered.Name);
        Assert.Equal((certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime()), (registered.NotBefore.ToDateTime(), registered.NotAfter.ToDateTime()));
    }

    [Fact]
    public async Task A_partner_has_at_most_two_live_ones()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var admin = partner.Server.Admin;
        using var first = TlsIntake.NewCertificate(partner.Name);
        using var second = TlsIntake.NewCertificate(partner.Name);
        using var third = TlsIntake.NewCertificate(partner.Name);
        var registration = TlsIntake.Registration(partner.Name, first);
        var registered = await admin.RegisterCertificateAsync(registration, Administrator, cancellationToken: Ended);
        Assert.Equal(registered, await admin.RegisterCertificateAsync(registration, Administrator, cancellationToken: Ended));
        await admin.RegisterCertificateAsync(TlsIntake.Registration(partner.Name, second), Administrator, cancellationToken: Ended);

        await admin.RegisterCertificateAsync(TlsIntake.Registration(partner.Name, third), Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.FailedPrecondition, "CERTIFICATE_LIMIT");

        await admin.RevokeCertificateAsync(new RevokeCertificateRequest { RequestId = Filings.NewId(), Name = registered.Certificate.Name }, Administrator, cancellationToken: Ended);
        await admin.RegisterCertificateAsync(TlsIntake.Registration(partner.Name, first), Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.AlreadyExists, "CERTIFICATE_EXISTS");
        await admin.RegisterCertificateAsync(TlsIntake.Registration(partner.Name, third), Administrator, cancellationToken: Ended);
        var names = new List<string>();
        var query = new ListCertificatesRequest { Parent = partner.Name, PageSize = 2 };
        do
        {
            var page = await admin.ListCertificatesAsync(query, Administrator, cancellationToken: Ended);
            names.AddRange(page.Certificates.Select(static certificate => certificate.Name));
            query.PageToken = page.NextPageToken;
        }
        while (query.PageToken.Length > 0);

        Assert.Equal([TlsIntake.Name(partner.Name, third), TlsIntake.Name(partner.Name, second), TlsIntake.Name(partner.Name, first)], names);
    }

    [Fact]
    public async Task They_are_of_partners_that_exist_and_nobody_elses()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var admin = partner.Server.Admin;
        using var nobodys = TlsIntake.NewCertificate("partners/nobody");
        using var own = TlsIntake.NewCertificate(partner.Name);
        await admin.RegisterCertificateAsync(TlsIntake.Registration(partner.Name, own), Administrator, cancellationToken: Ended);

        await admin.RegisterCertificateAsync(TlsIntake.Registration("partners/nobody", nobodys), Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "PARTNER_NOT_FOUND");
        await admin.ListCertificatesAsync(new ListCertificatesRequest { Parent = "partners/nobody" }, Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "PARTNER_NOT_FOUND");
        await admin.RevokeCertificateAsync(new RevokeCertificateRequest { RequestId = Filings.NewId(), Name = TlsIntake.Name("partners/nobody", own) }, Administrator, cancellationToken: Ended)
            .RefusedAsync(StatusCode.NotFound, "CERTIFICATE_NOT_FOUND");
    }
}
