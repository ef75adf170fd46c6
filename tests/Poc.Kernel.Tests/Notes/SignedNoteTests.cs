using Poc.Kernel.Notes;

namespace Poc.Kernel.Tests.Notes;

public sealed class SignedNoteTests
{
    private const string Text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";

    [Fact]
    public void Opens_a_note_that_a_trusted_key_signed()
    {
        using var signer = Signer("poc.example/log", 1);
        var note = SignedNote.Open(signer.Sign(Text), NoteKey.Parse(signer.PublicKey.ToString()));
        Assert.Equal(Text, note.Text);
        Assert.Equal("poc.example/log", Assert.Single(note.Signers).Name);
    }

    [Fact]
    public void Signing_twice_gives_the_same_note()
    {
        using var signer = Signer("poc.example/log", 1);
        Assert.Equal(signer.Sign(Text), signer.Sign(Text));
    }

    // RFC 8032, section 7.1, test 2: the key behind the note is the standard's own.
    [Fact]
    public void Signs_with_the_key_of_the_seed()
    {
        using var signer = new NoteSigner("rfc8032", Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
        var blob = Convert.FromBase64String(signer.PublicKey.ToString().Split('+', 3)[2]);
        Assert.Equal(1, blob[0]);
        Assert.Equal("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", Convert.ToHexStringLower(blob.AsSpan(1)));
    }

    [Fact]
    public void Any_changed_byte_of_a_note_is_refused()
    {
        using var signer = Signer("poc.example/log", 1);
        var note = signer.Sign(Text);
        Assert.All(Enumerable.Range(0, note.Length), at =>
        {
            var changed = note[..at] + (note[at] == 'A' ? 'B' : 'A') + note[(at + 1)..];
            Assert.Throws<NoteException>(() => SignedNote.Open(changed, signer.PublicKey));
        });
    }

    [Fact]
    public void Any_missing_end_of_a_note_is_refused()
    {
        using var signer = Signer("poc.example/log", 1);
        var note = signer.Sign(Text);
        Assert.All(Enumerable.Range(0, note.Length), length => Assert.Throws<NoteException>(() => SignedNote.Open(note[..length], signer.PublicKey)));
    }

    [Fact]
    public void A_note_of_an_unknown_key_is_refused()
    {
        using var signer = Signer("poc.example/log", 1);
        using var stranger = Signer("poc.example/log", 2);
        Assert.Throws<NoteException>(() => SignedNote.Open(stranger.Sign(Text), signer.PublicKey));
    }

    [Fact]
    public void Signatures_of_strangers_are_passed_over()
    {
        using var signer = Signer("poc.example/log", 1);
        using var witness = Signer("witness.example", 2);
        var note = witness.Sign(Text) + signer.Sign(Text)[(Text.Length + 1)..];
        Assert.Equal([signer.PublicKey], SignedNote.Open(note, signer.PublicKey).Signers);
        Assert.Equal(2, SignedNote.Open(note, signer.PublicKey, witness.PublicKey).Signers.Count);
    }

    [Fact]
    public void One_wrong_signature_of_a_trusted_key_refuses_the_note()
    {
        using var signer = Signer("poc.example/log", 1);
        using var witness = Signer("witness.example", 2);
        var note = signer.Sign(Text) + witness.Sign("Something else.\n")["Something else.\n\n".Length..];
        Assert.Throws<NoteException>(() => SignedNote.Open(note, signer.PublicKey, witness.PublicKey));
    }

    [Theory]
    [InlineData("no newline")]
    [InlineData("a tab\there\n")]
    [InlineData("a return\r\n")]
    public void Refuses_to_sign_what_is_not_a_text_of_lines(string text)
    {
        using var signer = Signer("poc.example/log", 1);
        Assert.Throws<NoteException>(() => signer.Sign(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("plus+name")]
    [InlineData("line\n")]
    public void Refuses_a_name_that_makes_lines_ambiguous(string name) => Assert.Throws<FormatException>(() => Signer(name, 1));

    [Fact]
    public void Refuses_a_seed_of_another_length() => Assert.Throws<FormatException>(() => new NoteSigner("poc.example/log", new byte[31]));

    // The example key of the signed-note specification.
    [Fact]
    public void Reads_a_key_that_others_wrote()
    {
        const string Key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        Assert.Equal(Key, NoteKey.Parse(Key).ToString());
    }

    // The example note of Go's golang.org/x/mod/sumdb/note, which the specification grew from.
    [Fact]
    public void Opens_a_note_that_others_signed()
    {
        const string Note = Text + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        var key = NoteKey.Parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        Assert.Equal(Text, SignedNote.Open(Note, key).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PeterNeumann+c74f20a3")]
    [InlineData("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3+AhpcQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWM")]
    [InlineData("PeterNeumann+c74f20a3+ ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    public void Refuses_a_key_that_is_not_whole(string key) => Assert.Throws<FormatException>(() => NoteKey.Parse(key));

    private static NoteSigner Signer(string name, byte seed) => new(name, Enumerable.Repeat(seed, 32).ToArray());
}
