using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Poc.LocalHost.Processes;

namespace Poc.Testing;

/// <summary>
/// A time-stamp authority (RFC 3161): <c>openssl ts</c>, which shares no code with what is tested, behind HTTP. Each has a root of its own and a signer below it.
/// </summary>
public sealed class TimeStampAuthority : IAsyncDisposable
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    private readonly string _folder = Directory.CreateTempSubdirectory("poc-tsa-").FullName;
    private readonly SemaphoreSlim _one = new(1);
    private HttpListener? _listener;
    private Task _serving = Task.CompletedTask;

    private TimeStampAuthority()
    {
    }

    /// <summary>The root, PEM.</summary>
    public string RootFile => PathOf("root.pem");

    /// <summary>The signer's certificate, PEM.</summary>
    public string SignerFile => PathOf("signer.pem");

    /// <summary>The root, DER.</summary>
    public byte[] Root { get; private set; } = [];

    /// <summary>Where it listens when it was started.</summary>
    public string Url { get; } = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPorts.Take()}/tsa");

    /// <summary>What it answers instead of a stamp, by what was asked; null for what openssl says.</summary>
    public Func<byte[], Task<byte[]>>? Answer { get; set; }

    /// <summary>How often it was asked.</summary>
    public int Asked { get; private set; }

    /// <summary>Makes one.</summary>
    /// <param name="notBefore">From when the signer's certificate is valid; a day ago where nothing is said.</param>
    /// <param name="notAfter">Until when; tomorrow.</param>
    public static async Task<TimeStampAuthority> CreateAsync(DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        await Foreign.RequireAsync(() => Task.FromResult(Programs.Find("openssl") is not null), "openssl");
        var authority = new TimeStampAuthority();
        authority.Certify(notBefore, notAfter);
        await File.WriteAllTextAsync(authority.PathOf("serial"), "01\n");
        await File.WriteAllTextAsync(
            authority.PathOf("tsa.cnf"),
            $"""
            [tsa]
            serial = {authority.PathOf("serial")}
            signer_cert = {authority.SignerFile}
            signer_key = {authority.PathOf("signer.key")}
            signer_digest = sha256
            default_policy = 1.2.3.4.1
            digests = sha1, sha256, sha384, sha512
            ess_cert_id_alg = sha256

            """);
        return authority;
    }

    /// <summary>What openssl answers to a request.</summary>
    /// <param name="query">DER.</param>
    public async Task<byte[]> ReplyAsync(byte[] query)
    {
        await _one.WaitAsync();
        try
        {
            await File.WriteAllBytesAsync(PathOf("query"), query);
            await Foreign.PrepareAsync("openssl", ["ts", "-reply", "-config", PathOf("tsa.cnf"), "-section", "tsa", "-queryfile", PathOf("query"), "-out", PathOf("reply")]);
            return await File.ReadAllBytesAsync(PathOf("reply"));
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>What openssl answers when it is asked to stamp data with a hash.</summary>
    /// <param name="data">What to stamp.</param>
    /// <param name="hash">As openssl calls it.</param>
    public async Task<byte[]> StampAsync(byte[] data, string hash = "sha256")
    {
        await File.WriteAllBytesAsync(PathOf("data"), data);
        await Foreign.PrepareAsync("openssl", ["ts", "-query", "-data", PathOf("data"), $"-{hash}", "-cert", "-out", PathOf("asked")]);
        return await ReplyAsync(await File.ReadAllBytesAsync(PathOf("asked")));
    }

    /// <summary>Whether openssl takes a token for data, by the root.</summary>
    /// <param name="token">DER, the token alone.</param>
    /// <param name="data">What was stamped.</param>
    public async Task<bool> VerifiesAsync(byte[] token, byte[] data)
    {
        var (tokenFile, dataFile) = (PathOf($"token-{Guid.CreateVersion7()}"), PathOf($"data-{Guid.CreateVersion7()}"));
        await File.WriteAllBytesAsync(tokenFile, token);
        await File.WriteAllBytesAsync(dataFile, data);
        return (await Foreign.RunAsync("openssl", ["ts", "-verify", "-token_in", "-in", tokenFile, "-data", dataFile, "-CAfile", RootFile])).ExitCode == 0;
    }

    /// <summary>Begins to listen.</summary>
    public void Start()
    {
        _listener = new HttpListener { Prefixes = { $"{Url}/" } };
        _listener.Start();
        _serving = ServeAsync(_listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener?.Close();
        await _serving;
        _one.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync(HttpListener listener)
    {
        while (listener.IsListening)
        {
            HttpListenerContext call;
            try
            {
                call = await listener.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Asked++;
            using var query = new MemoryStream();
            await call.Request.InputStream.CopyToAsync(query);
            try
            {
                var isAsked = call.Request is { HttpMethod: "POST", ContentType: "application/timestamp-query" };
                var reply = await (Answer ?? ReplyAsync)(query.ToArray());
                (call.Response.StatusCode, call.Response.ContentType) = (isAsked ? 200 : 400, "application/timestamp-reply");
                await call.Response.OutputStream.WriteAsync(reply);
            }
            catch (InvalidOperationException)
            {
                call.Response.StatusCode = 500;
            }

            call.Response.Close();
        }
    }

    private void Certify(DateTimeOffset? notBefore, DateTimeOffset? notAfter)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = RSA.Create(2048);
        var rootRequest = new CertificateRequest($"CN=root {Guid.CreateVersion7()}", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        rootRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        rootRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(rootRequest.PublicKey, critical: false));
        using var root = rootRequest.CreateSelfSigned(now.AddYears(-20), now.AddYears(20));

        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TimeStamping)], critical: true));
        using var signer = request.Create(root, notBefore ?? now.AddDays(-1), notAfter ?? now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(RootFile, root.ExportCertificatePem());
        File.WriteAllText(SignerFile, signer.ExportCertificatePem());
        File.WriteAllText(PathOf("signer.key"), key.ExportPkcs8PrivateKeyPem());
        Root = root.RawData;
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
