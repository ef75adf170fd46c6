using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Poc.Testing;

namespace Poc.Verify.Tests.Stamps;

/// <summary>
/// Tokens that no authority would make: <c>openssl cms</c> signs the content of a genuine one with certificates that <c>openssl ts</c> refuses to use.
/// </summary>
public sealed class ForgedStampTests : Scratch
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly byte[] _data = "A text that somebody had stamped.\n"u8.ToArray();

    [Fact]
    public async Task Takes_one_that_is_put_together_rightly() => Assert.Equal([], await SignedByAsync([TimeStamping]));

    // RFC 3161, 2.3: for time-stamps alone, and critical.
    [Theory]
    [InlineData(new string[0], true)]
    [InlineData(new[] { ClientAuthentication }, true)]
    [InlineData(new[] { TimeStamping, ClientAuthentication }, true)]
    [InlineData(new[] { TimeStamping }, false)]
    public async Task Refuses_a_certificate_that_is_not_for_time_stamps_alone(string[] usages, bool isCritical)
        => Assert.Contains(Assert.Single(await SignedByAsync(usages, isCritical)), (string[])["signature_wrong", "timestamp_untrusted"]);

    [Fact]
    public async Task Refuses_one_that_does_not_say_which_certificate_signed() => Assert.Equal(["signature_wrong"], await SignedByAsync([TimeStamping], names: []));

    [Fact]
    public async Task Refuses_another_content_than_a_time_stamp()
    {
        var reasons = await SignedByAsync([TimeStamping], contentType: "1.2.840.113549.1.7.1");
        Assert.Contains(Assert.Single(reasons), (string[])["malformed", "signature_wrong"]);
    }

    [Theory]
    [InlineData("-no_nonce", "-cert")]
    [InlineData("-cert")]
    [InlineData("-sha512", "-cert")]
    public async Task Takes_stamps_with_and_without_a_nonce(params string[] options)
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        Assert.Equal([], (await VerifyAsync(await AskAsync(authority, options), authority.RootFile)).Reasons);
    }

    [Fact]
    public async Task A_certificate_that_the_token_leaves_out_must_be_given()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        var reply = await AskAsync(authority);

        Assert.Equal([], (await VerifyAsync(reply, authority.RootFile, "--untrusted", authority.SignerFile)).Reasons);
        var without = await VerifyAsync(reply, authority.RootFile);
        Assert.Equal(1, without.ExitCode);
        Assert.Contains(Assert.Single(without.Reasons), (string[])["signature_wrong", "timestamp_untrusted"]);
    }

    [Fact]
    public async Task A_certificate_of_another_with_the_same_name_does_not_do()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        await using var namesake = await TimeStampAuthority.CreateAsync();
        var reply = await AskAsync(authority);

        Assert.Contains(
            Assert.Single((await VerifyAsync(reply, namesake.RootFile, "--untrusted", namesake.SignerFile)).Reasons), (string[])["signature_wrong", "timestamp_untrusted"]);
    }

    private async Task<byte[]> AskAsync(TimeStampAuthority authority, params string[] options)
    {
        await Testing.Foreign.PrepareAsync("openssl", ["ts", "-query", "-data", Write("data", _data), .. options, "-out", PathOf("query")]);
        return await authority.ReplyAsync(await File.ReadAllBytesAsync(PathOf("query"), TestContext.Current.CancellationToken));
    }

    private async Task<IReadOnlyList<string>> SignedByAsync(
        string[] usages, bool isCritical = true, string contentType = "1.2.840.113549.1.9.16.1.4", string[]? names = null)
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        var genuine = new SignedCms();
        var reply = await authority.StampAsync(_data);
        await Testing.Foreign.PrepareAsync("openssl", ["ts", "-reply", "-in", Write("reply", reply), "-token_out", "-out", PathOf("genuine")]);
        genuine.Decode(await File.ReadAllBytesAsync(PathOf("genuine"), TestContext.Current.CancellationToken));
        Certify(usages, isCritical);
        await Testing.Foreign.PrepareAsync(
            "openssl",
            [
                "cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-md", "sha256", .. names ?? ["-cades"], "-econtent_type", contentType,
                "-in", Write("content", genuine.ContentInfo.Content), "-signer", PathOf("forger.pem"), "-inkey", PathOf("forger.key"), "-outform", "DER", "-out", PathOf("forged"),
            ]);
        return (await VerifyAsync(await File.ReadAllBytesAsync(PathOf("forged"), TestContext.Current.CancellationToken), PathOf("forger-root.pem"))).Reasons;
    }

    private void Certify(string[] usages, bool isCritical)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = RSA.Create(2048);
        var rootRequest = new CertificateRequest("CN=forger's root", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=forger", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        if (usages.Length > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(usage => new Oid(usage))], isCritical));
        }

        using var signer = request.Create(root, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        Write("forger-root.pem", root.ExportCertificatePem());
        Write("forger.pem", signer.ExportCertificatePem());
        Write("forger.key", key.ExportPkcs8PrivateKeyPem());
    }

    private Task<Answer> VerifyAsync(byte[] stamp, string ca, params string[] more)
        => RunAsync(["timestamp", Write("stamp", stamp), "--data", Write("stamped", _data), "--ca", ca, .. more]);
}
