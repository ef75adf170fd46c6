using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Poc.Verify.Tests.Notes;

public sealed class NoteTests : Scratch
{
    private const string Text = "log.example/one\n3\nrrL8vicOKY2m8c3CJ4YoaBk3WIbGvM8wOd8uB5cFJXk=\n";

    [Fact]
    public async Task Names_the_trusted_keys_that_signed_and_passes_over_others()
    {
        using var a = new Signer("log.example/one", 1);
        using var b = new Signer("witness.example", 2);
        using var stranger = new Signer("stranger.example", 3);
        var note = Write("note", Text + "\n" + stranger.Line(Text) + a.Line(Text) + b.Line(Text));
        var answer = await RunAsync("note", note, "--key", a.Key, "--key", b.Key);
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("signed by log.example/one", answer.Output, StringComparison.Ordinal);
        Assert.Contains("signed by witness.example", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("stranger", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_note_that_only_strangers_signed_is_not_verified()
    {
        using var a = new Signer("log.example/one", 1);
        using var namesake = new Signer("log.example/one", 2);
        Assert.Equal(["not_signed"], (await RunAsync("note", Write("note", Text + "\n" + namesake.Line(Text)), "--key", a.Key)).Reasons);
    }

    [Fact]
    public async Task Any_changed_byte_is_found()
    {
        using var a = new Signer("log.example/one", 1);
        var note = Encoding.UTF8.GetBytes(Text + "\n" + a.Line(Text));
        for (var i = 0; i < note.Length; i++)
        {
            var changed = note.ToArray();
            changed[i] ^= 1;
            Assert.Equal(1, (await RunAsync("note", Write("note", changed), "--key", a.Key)).ExitCode);
            Assert.Equal(1, (await RunAsync("note", Write("note", note[..i]), "--key", a.Key)).ExitCode);
        }
    }

    [Fact]
    public async Task A_wrong_signature_of_a_trusted_key_is_not_outweighed_by_a_right_one()
    {
        using var a = new Signer("log.example/one", 1);
        using var b = new Signer("witness.example", 2);
        var note = Write("note", Text + "\n" + a.Line(Text) + b.Line("other\n"));
        Assert.Equal(["signature_wrong"], (await RunAsync("note", note, "--key", a.Key, "--key", b.Key)).Reasons);
    }

    // S + L verifies under the bare equation; RFC 8032, 5.1.7, refuses it.
    [Fact]
    public async Task A_second_form_of_the_same_signature_is_refused()
    {
        using var a = new Signer("log.example/one", 1);
        var order = System.Numerics.BigInteger.Pow(2, 252) + System.Numerics.BigInteger.Parse("27742317777372353535851937790883648493", null);
        var blob = a.Blob(Text);
        var s = new System.Numerics.BigInteger(blob.AsSpan(36), isUnsigned: true) + order;
        var forged = s.ToByteArray(isUnsigned: true);
        forged.CopyTo(blob, 36);
        Assert.Equal(["signature_wrong"], (await RunAsync("note", Write("note", $"{Text}\n— log.example/one {Convert.ToBase64String(blob)}\n"), "--key", a.Key)).Reasons);
    }

    // With these keys, and S = 0, R = the identity, the bare equation holds for some or every text.
    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public async Task A_key_that_fits_every_text_signs_none(string hex)
    {
        const string Name = "log.example/one";
        var key = Convert.FromHexString(hex);
        var id = SHA256.HashData([.. Encoding.UTF8.GetBytes(Name), 0x0A, 0x01, .. key])[..4];
        var signature = new byte[64];
        signature[0] = 1;
        var note = Write("note", $"{Text}\n— {Name} {Convert.ToBase64String([.. id, .. signature])}\n");
        var answer = await RunAsync("note", note, "--key", $"{Name}+{Convert.ToHexStringLower(id)}+{Convert.ToBase64String([0x01, .. key])}");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains(Assert.Single(answer.Reasons), (string[])["key_malformed", "signature_wrong"]);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("log.example/one+00000000+AQAA")]
    public async Task Refuses_a_key_that_is_not_one(string key)
    {
        using var a = new Signer("log.example/one", 1);
        Assert.Equal(["key_malformed"], (await RunAsync("note", Write("note", Text + "\n" + a.Line(Text)), "--key", key)).Reasons);
    }

    [Fact]
    public async Task Bytes_that_are_not_text_are_refused()
    {
        using var a = new Signer("log.example/one", 1);
        Assert.Equal(["malformed"], (await RunAsync("note", Write("note", [0xFF, .. Encoding.UTF8.GetBytes(Text + "\n" + a.Line(Text))]), "--key", a.Key)).Reasons);
    }
}

/// <summary>Signs notes straight from C2SP signed-note.</summary>
internal sealed class Signer(string name, byte seed) : IDisposable
{
    private readonly NSec.Cryptography.Key _key = NSec.Cryptography.Key.Import(SignatureAlgorithm.Ed25519, Enumerable.Repeat(seed, 32).ToArray(), KeyBlobFormat.RawPrivateKey);

    public string Key => $"{name}+{Convert.ToHexStringLower(Id)}+{Convert.ToBase64String([0x01, .. Public])}";

    private byte[] Public => _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    private byte[] Id => SHA256.HashData([.. Encoding.UTF8.GetBytes(name), 0x0A, 0x01, .. Public])[..4];

    public byte[] Blob(string text) => [.. Id, .. SignatureAlgorithm.Ed25519.Sign(_key, Encoding.UTF8.GetBytes(text))];

    public string Line(string text) => $"— {name} {Convert.ToBase64String(Blob(text))}\n";

    public void Dispose() => _key.Dispose();
}
