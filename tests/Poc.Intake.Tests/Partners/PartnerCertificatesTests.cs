using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Partners;
using Poc.Testing;

namespace Poc.Intake.Tests.Partners;

/// <summary>Certificates on real TLS connections.</summary>
public sealed class PartnerCertificatesTests(IntakeStack stack, PartnerCertificatesTests.Edge edge) : IClassFixture<PartnerCertificatesTests.Edge>, IAsyncLifetime
{
    private readonly TlsIntake _tls = edge.Tls;
    private TestPartner _partner = null!;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Administrator => IntakeServer.Staff(Roles.Administrator);

    public async ValueTask InitializeAsync() => _partner = await _tls.Server.NewPartnerAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(0)]
    [InlineData(2048)]
    public async Task A_registered_certificate_is_its_partner(int rsaBits)
    {
        using var certificate = await _tls.RegisterAsync(_partner.Name, draft => draft.RsaBits = rsaBits);
        using var channel = _tls.Connect(certificate);

        var filed = await new IntakeService.IntakeServiceClient(channel).SubmitRequestAsync(Filings.Delist(), cancellationToken: Ended);

        Assert.StartsWith(_partner.Name + "/requests/", filed.Request.Name, StringComparison.Ordinal);
        Assert.Equal(filed.Request, (await new IntakeService.IntakeServiceClient(channel).GetRequestAsync(new GetRequestRequest { Name = filed.Request.Name }, cancellationToken: Ended)).Request);
    }

    [Fact]
    public async Task It_answers_JSON_over_HTTP_1_1_too()
    {
        using var certificate = await _tls.RegisterAsync(_partner.Name);
        using var http = new HttpClient(_tls.Handler(certificate)) { BaseAddress = _tls.Address, DefaultRequestVersion = HttpVersion.Version11 };

        using var response = await http.PostAsync("/v1/requests", new StringContent(JsonFormatter.Default.Format(Filings.Delist()), Encoding.UTF8, "application/json"), Ended);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith(
            _partner.Name, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Ended)).GetProperty("request").GetProperty("name").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_nobody_registered_is_refused()
    {
        using var unknown = TlsIntake.NewCertificate(_partner.Name);

        await RefusedAsync(unknown, "NOT_REGISTERED");
    }

    [Fact]
    public async Task Another_certificate_of_the_same_key_is_another_certificate()
    {
        using var registered = await _tls.RegisterAsync(_partner.Name);
        using var key = registered.GetECDsaPrivateKey()!;
        using var renewed = new CertificateRequest(registered.SubjectName, key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(registered.NotBefore, registered.NotAfter);

        await RefusedAsync(renewed, "NOT_REGISTERED");
    }

    [Fact]
    public async Task Without_a_certificate_an_API_key_works_over_TLS_and_nobody_is_nobody()
    {
        using var channel = _tls.Connect(null);
        var client = new IntakeService.IntakeServiceClient(channel);

        await client.SubmitRequestAsync(Filings.Delist(), _partner.Headers, cancellationToken: Ended);
        await client.SubmitRequestAsync(Filings.Delist(), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_MISSING");
    }

    [Fact]
    public async Task It_is_accepted_from_its_first_moment_to_its_last()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var tomorrows = await _tls.RegisterAsync(_partner.Name, draft => (draft.NotBefore, draft.NotAfter) = (now.AddDays(1), now.AddDays(2)));
        using var ending = await _tls.RegisterAsync(_partner.Name, draft => draft.NotAfter = now.AddSeconds(8));
        using var channel = _tls.Connect(ending);
        await SubmitAsync(channel);

        await RefusedAsync(tomorrows, "NOT_YET_VALID");
        await Eventually.BecomesTrueAsync(async () => await ProblemAsync(channel) == "EXPIRED", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_revoked_one_is_dead_on_every_replica_within_five_seconds_on_open_connections_too()
    {
        await using var elsewhere = await TlsIntake.StartAsync(stack);
        using var certificate = await _tls.RegisterAsync(_partner.Name);
        using var here = _tls.Connect(certificate);
        using var there = elsewhere.Connect(certificate);
        await SubmitAsync(here);
        await SubmitAsync(there);
        var message = new RevokeCertificateRequest { RequestId = Filings.NewId(), Name = TlsIntake.Name(_partner.Name, certificate) };

        var revoked = await _tls.Server.Admin.RevokeCertificateAsync(message, Administrator, cancellationToken: Ended);

        await Task.WhenAll(new[] { here, there }.Select(static channel => InEffect.WithinFiveSecondsAsync(() => ProblemAsync(channel), "REVOKED")));
        Assert.NotNull(revoked.Certificate.RevokedAt);
        message.RequestId = Filings.NewId();
        Assert.Equal(revoked.Certificate.RevokedAt, (await _tls.Server.Admin.RevokeCertificateAsync(message, Administrator, cancellationToken: Ended)).Certificate.RevokedAt);
    }

    [Fact]
    public async Task Two_credentials_are_accepted_together_only_where_they_are_one_partners()
    {
        var other = await _tls.Server.NewPartnerAsync();
        using var certificate = await _tls.RegisterAsync(_partner.Name);
        using var channel = _tls.Connect(certificate);
        var client = new IntakeService.IntakeServiceClient(channel);

        await client.SubmitRequestAsync(Filings.Delist(), _partner.Headers, cancellationToken: Ended);
        await client.SubmitRequestAsync(Filings.Delist(), other.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        await client.SubmitRequestAsync(Filings.Delist(), IntakeServer.Key("poc_nobodys_key"), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        await client.ListRequestsAsync(new ListRequestsRequest(), IntakeServer.Staff(Roles.IntakeOfficer), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
    }

    [Fact]
    public async Task The_last_use_is_written_down_and_shown()
    {
        using var certificate = await _tls.RegisterAsync(_partner.Name);
        using var channel = _tls.Connect(certificate);
        var before = TimeProvider.System.GetUtcNow();
        await SubmitAsync(channel);

        await _tls.Server.Service<CredentialUses>().WriteAsync(Ended);

        var shown = Assert.Single((await _tls.Server.Admin.ListCertificatesAsync(new ListCertificatesRequest { Parent = _partner.Name }, Administrator, cancellationToken: Ended)).Certificates);
        Assert.Equal(TlsIntake.Name(_partner.Name, certificate), shown.Name);
        Assert.InRange(shown.LastUsedAt.ToDateTimeOffset(), before - TimeSpan.FromMilliseconds(1), TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task One_made_by_openssl_works_from_Python()
    {
        await Foreign.RequireAsync(static async () => (await Foreign.RunAsync("/usr/bin/python3", ["-c", "import grpc"])).ExitCode == 0, "python3-grpcio", "openssl");
        var folder = Directory.CreateDirectory(Path.Combine(Servers.Folder, $"openssl-{Filings.NewId()}")).FullName;
        var (key, file) = (Path.Combine(folder, "partner.key"), Path.Combine(folder, "partner.crt"));
        await Foreign.PrepareAsync("/usr/bin/openssl",
        [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "365", "-keyout", key, "-out", file, "-subj", "/CN=partner",
            "-addext", $"subjectAltName=URI:urn:poc:{_partner.Name}", "-addext", "extendedKeyUsage=clientAuth",
        ]);
        await _tls.Server.Admin.RegisterCertificateAsync(
            new RegisterCertificateRequest { RequestId = Filings.NewId(), Parent = _partner.Name, Certificate = ByteString.CopyFrom(await File.ReadAllBytesAsync(file, Ended)) }, Administrator, cancellationToken: Ended);
        var filed = await _partner.SubmitAsync(Filings.Delist());

        var answer = await Foreign.RunAsync("/usr/bin/python3",
        [
            "-c",
            """
            import sys, grpc
            address, server, key, certificate = sys.argv[1:]
            read = lambda path: open(path, "rb").read()
            channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(read(server), read(key), read(certificate)))
            answer = channel.unary_unary("/poc.intake.v1.IntakeService/ListRequests")(b"", timeout=30)
            sys.stdout.write(answer.hex())
            """,
            _tls.Address.Authority, _tls.CertificateFile, key, file,
        ]);

        Assert.True(answer.ExitCode == 0, answer.ToString());
        Assert.Equal(filed.Request.Name, Assert.Single(ListRequestsResponse.Parser.ParseFrom(Convert.FromHexString(answer.Output.Trim())).Requests).Name);
    }

    private async Task RefusedAsync(X509Certificate2 certificate, string problem)
    {
        using var channel = _tls.Connect(certificate);
        var refusal = await SubmitAsync(channel).RefusedAsync(StatusCode.Unauthenticated, "CERTIFICATE_INVALID");
        Assert.Equal(problem, refusal.Info().Metadata["problem"]);
    }

    private static async Task SubmitAsync(GrpcChannel channel) => await new IntakeService.IntakeServiceClient(channel).SubmitRequestAsync(Filings.Delist(), cancellationToken: Ended);

    private static async Task<string?> ProblemAsync(GrpcChannel channel)
    {
        try
        {
            await SubmitAsync(channel);
            return null;
        }
        catch (RpcException refusal) when (refusal.StatusCode == StatusCode.Unauthenticated)
        {
            return refusal.Info().Metadata["problem"];
        }
    }

    /// <summary>One replica for all of them; each test brings its own partner.</summary>
    public sealed class Edge(IntakeStack stack) : IAsyncLifetime
    {
        internal TlsIntake Tls { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Tls = await TlsIntake.StartAsync(stack);

        public ValueTask DisposeAsync() => Tls.DisposeAsync();
    }
}
