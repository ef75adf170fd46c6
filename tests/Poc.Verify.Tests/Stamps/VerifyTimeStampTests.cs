using System.Security.Cryptography.X509Certificates;
using Poc.Kernel.Stamps;
using Poc.Testing;

namespace Poc.Verify.Tests.Stamps;

public sealed class VerifyTimeStampTests : Scratch
{
    private static readonly byte[] _data = "A text that somebody had stamped.\n"u8.ToArray();
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha384")]
    [InlineData("sha512")]
    public async Task Takes_what_openssl_stamps_as_an_answer_and_as_a_token(string hash)
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        var reply = await authority.StampAsync(_data, hash);
        var token = await TokenOfAsync(reply);

        Assert.Equal(VerifyCommand.Verified, (await VerifyAsync(reply, _data, authority.RootFile)).ExitCode);
        Assert.Equal(VerifyCommand.Verified, (await VerifyAsync(token, _data, authority.RootFile)).ExitCode);

        // The signer's own certificate may be trusted, without its root.
        Assert.Equal(VerifyCommand.Verified, (await VerifyAsync(token, _data, authority.SignerFile)).ExitCode);
    }

    [Fact]
    public async Task Refuses_other_data_another_root_and_what_is_no_stamp()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        await using var other = await TimeStampAuthority.CreateAsync();
        var reply = await authority.StampAsync(_data);

        Assert.Equal(["timestamp_imprint_mismatch"], (await VerifyAsync(reply, [.. _data, 0], authority.RootFile)).Reasons);
        Assert.Equal(["timestamp_untrusted"], (await VerifyAsync(reply, _data, other.RootFile)).Reasons);
        Assert.Equal(["timestamp_untrusted"], (await VerifyAsync(reply, _data, other.SignerFile)).Reasons);
        Assert.Equal(["malformed"], (await VerifyAsync([], _data, authority.RootFile)).Reasons);
        Assert.Equal(["malformed"], (await VerifyAsync([.. reply, 0], _data, authority.RootFile)).Reasons);
        Assert.Equal(["malformed"], (await VerifyAsync(reply[..^1], _data, authority.RootFile)).Reasons);
        Assert.Equal(["key_malformed"], (await VerifyAsync(reply, _data, Write("ca.pem", "none"))).Reasons);
        Assert.Equal(VerifyCommand.WrongUsage, (await RunAsync("timestamp", Write("t", reply), "--data", Write("d", _data))).ExitCode);
    }

    [Fact]
    public async Task Refuses_a_refusal_and_hashes_that_two_texts_can_share()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();

        // SHA-224 is none that this authority takes: status 2, rejection.
        Assert.Equal(["timestamp_not_granted"], (await VerifyAsync(await authority.StampAsync(_data, "sha224"), _data, authority.RootFile)).Reasons);
        Assert.Equal(["algorithm_unknown"], (await VerifyAsync(await authority.StampAsync(_data, "sha1"), _data, authority.RootFile)).Reasons);
    }

    [Fact]
    public async Task Judges_certificates_at_the_time_of_the_stamp()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var expired = await TimeStampAuthority.CreateAsync(now.AddDays(-9), now.AddDays(-8));
        Assert.Equal(["timestamp_untrusted"], (await VerifyAsync(await expired.StampAsync(_data), _data, expired.RootFile)).Reasons);
        await using var early = await TimeStampAuthority.CreateAsync(now.AddDays(8), now.AddDays(9));
        Assert.Equal(["timestamp_untrusted"], (await VerifyAsync(await early.StampAsync(_data), _data, early.RootFile)).Reasons);

        // Valid for a moment longer than it takes to stamp: it stays so afterwards.
        await using var brief = await TimeStampAuthority.CreateAsync(now.AddDays(-1), now.AddSeconds(15));
        var reply = await brief.StampAsync(_data);
        await Eventually.BecomesTrueAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow() > now.AddSeconds(16)), TimeSpan.FromMinutes(1));
        Assert.Equal(VerifyCommand.Verified, (await VerifyAsync(reply, _data, brief.RootFile)).ExitCode);
    }

    [Fact]
    public async Task Any_flipped_bit_is_found_or_changes_nothing_that_is_said()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        var token = await TokenOfAsync(await authority.StampAsync(_data));
        using var root = X509CertificateLoader.LoadCertificate(authority.Root);
        var at = TimeStamp.Verify(token, _data, [root]).At;
        var passed = new List<int>();
        for (var i = 0; i < token.Length; i++)
        {
            var flipped = token.ToArray();
            flipped[i] ^= (byte)(1 << (i % 8));
            try
            {
                Assert.Equal(at, TimeStamp.Verify(flipped, _data, [root]).At);
                passed.Add(i);
            }
            catch (StampException)
            {
                // As it should be.
            }
        }

        // What no signature covers and nobody needs: the version, and the list of hash algorithms that helps to read a token in one go.
        Assert.InRange(passed.Count, 0, 20);
    }

    private Task<Answer> VerifyAsync(byte[] stamp, byte[] data, string ca) => RunAsync("timestamp", Write("stamp", stamp), "--data", Write("data", data), "--ca", ca);

    private async Task<byte[]> TokenOfAsync(byte[] reply)
    {
        await Testing.Foreign.PrepareAsync("openssl", ["ts", "-reply", "-in", Write("reply", reply), "-token_out", "-out", PathOf("token")]);
        return await File.ReadAllBytesAsync(PathOf("token"), Ended);
    }
}
