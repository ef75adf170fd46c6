using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Net.Client;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Intake.Tests.Partners;

/// <summary>A replica of Intake that is also reached over TLS, with a certificate of its own that the tests' clients know.</summary>
internal sealed class TlsIntake : IAsyncDisposable
{
    private readonly X509Certificate2 _own;
    private readonly string _folder;

    private TlsIntake(IntakeServer server, Uri address, X509Certificate2 own, string folder) => (Server, Address, _own, _folder) = (server, address, own, folder);

    public IntakeServer Server { get; }

    /// <summary>HTTP/2 and HTTP/1.1 over TLS.</summary>
    public Uri Address { get; }

    /// <summary>The server's certificate, PEM.</summary>
    public string CertificateFile => Path.Combine(_folder, "server.crt");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static async Task<TlsIntake> StartAsync(IntakeStack stack, params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Servers.Folder, $"tls-{RandomNumberGenerator.GetHexString(8, lowercase: true)}")).FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        var own = request.CreateSelfSigned(now.AddMinutes(-1), now.AddHours(1));
        await File.WriteAllTextAsync(Path.Combine(folder, "server.crt"), own.ExportCertificatePem(), Ended);
        await File.WriteAllTextAsync(Path.Combine(folder, "server.key"), key.ExportPkcs8PrivateKeyPem(), Ended);
        var address = new Uri($"https://127.0.0.1:{LoopbackPorts.Take()}");
        var server = await stack.ReplicaAsync(
        [
            ("Kestrel:Endpoints:partners:Url", address.OriginalString),
            ("Kestrel:Endpoints:partners:Protocols", "Http1AndHttp2"),
            ("Kestrel:Endpoints:partners:Certificate:Path", Path.Combine(folder, "server.crt")),
            ("Kestrel:Endpoints:partners:Certificate:KeyPath", Path.Combine(folder, "server.key")),
            .. settings,
        ]);
        return new TlsIntake(server, address, own, folder);
    }

    /// <summary>A self-signed certificate with its key, as a partner would make it.</summary>
    /// <param name="partner"><c>partners/{p}</c>.</param>
    /// <param name="change">What is otherwise about it.</param>
    public static X509Certificate2 NewCertificate(string partner, Action<CertificateDraft>? change = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var draft = new CertificateDraft { Uris = { $"urn:poc:{partner}" }, Usages = { CertificateDraft.ClientAuthentication }, NotBefore = now.AddMinutes(-1), NotAfter = now.AddHours(1) };
        change?.Invoke(draft);
        return draft.Build();
    }

    /// <summary>Registers a certificate that the partner makes.</summary>
    public async Task<X509Certificate2> RegisterAsync(string partner, Action<CertificateDraft>? change = null)
    {
        var certificate = NewCertificate(partner, change);
        await Server.Admin.RegisterCertificateAsync(Registration(partner, certificate), IntakeServer.Staff(Roles.Administrator), cancellationToken: Ended);
        return certificate;
    }

    public static RegisterCertificateRequest Registration(string partner, X509Certificate2 certificate) =>
        new() { RequestId = Filings.NewId(), Parent = partner, Certificate = ByteString.CopyFrom(certificate.RawData) };

    /// <summary>The resource name of a certificate.</summary>
    public static string Name(string partner, X509Certificate2 certificate) => $"{partner}/certificates/{Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))}";

    /// <summary>A channel on a connection of its own.</summary>
    public GrpcChannel Connect(X509Certificate2? certificate) => GrpcChannel.ForAddress(Address, new GrpcChannelOptions { HttpHandler = Handler(certificate), DisposeHttpClient = true });

    /// <summary>How a client connects that knows this server's certificate.</summary>
    public SocketsHttpHandler Handler(X509Certificate2? certificate) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = certificate is null ? null : [certificate],
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(_own.RawData),
        },
    };

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _own.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>What a certificate says.</summary>
internal sealed class CertificateDraft
{
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    public List<string> Uris { get; } = [];

    public List<string> Usages { get; } = [];

    public DateTimeOffset NotBefore { get; set; }

    public DateTimeOffset NotAfter { get; set; }

    /// <summary>Bits of an RSA key; 0: a P-256 key.</summary>
    public int RsaBits { get; set; }

    public X509Certificate2 Build()
    {
        using var rsa = RsaBits > 0 ? RSA.Create(RsaBits) : null;
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = rsa is null ? new CertificateRequest("CN=A partner (synthetic)", ec, HashAlgorithmName.SHA256) : new CertificateRequest("CN=A partner (synthetic)", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("partner.example");
        Uris.ForEach(uri => names.AddUri(new Uri(uri)));
        request.CertificateExtensions.Add(names.Build());
        if (Usages.Count > 0)
        {
            var usages = new OidCollection();
            Usages.ForEach(usage => usages.Add(new Oid(usage)));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        }

        return request.CreateSelfSigned(NotBefore, NotAfter);
    }
}
