using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;
using Poc.Kernel.Notes;

namespace Poc.Kernel.Tests.Notes;

/// <summary>Signatures of witnesses, made here straight from C2SP tlog-cosignature.</summary>
public sealed class CosignatureTests : IDisposable
{
    private const string Name = "witness.example/w1";
    private const string Text = "poc.example/log\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n";
    private readonly Key _key = Key.Import(SignatureAlgorithm.Ed25519, Enumerable.Repeat((byte)7, 32).ToArray(), KeyBlobFormat.RawPrivateKey);

    private byte[] Public => _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    private byte[] Id => SHA256.HashData([.. Encoding.UTF8.GetBytes(Name), 0x0A, 0x04, .. Public])[..4];

    private NoteKey Witness => NoteKey.Parse($"{Name}+{Convert.ToHexStringLower(Id)}+{Convert.ToBase64String([0x04, .. Public])}");

    [Fact]
    public void Opens_a_checkpoint_that_a_witness_signed()
    {
        Assert.True(Witness.IsCosigner);
        Assert.Equal(Name, Assert.Single(SignedNote.Open(Note(1_679_315_147, "1679315147"), Witness).Signers).Name);
    }

    [Fact]
    public void Writes_the_key_as_it_was_read() => Assert.Equal(Witness.ToString(), NoteKey.Parse(Witness.ToString()).ToString());

    [Theory]
    [InlineData(1_679_315_148, "1679315147")]
    [InlineData(5, "05")]
    [InlineData(-1, "18446744073709551615")]
    [InlineData(-1, "-1")]
    public void Refuses_a_signature_over_another_time(long stated, string written)
        => Assert.Equal(NoteProblem.SignatureWrong, Assert.Throws<NoteException>(() => SignedNote.Open(Note(stated, written), Witness)).Problem);

    [Fact]
    public void A_plain_signature_is_not_a_witness_s()
    {
        var plain = SignatureAlgorithm.Ed25519.Sign(_key, Encoding.UTF8.GetBytes(Text));
        var note = $"{Text}\n— {Name} {Convert.ToBase64String([.. Id, .. plain])}\n";
        Assert.Equal(NoteProblem.SignatureWrong, Assert.Throws<NoteException>(() => SignedNote.Open(note, Witness)).Problem);
    }

    public void Dispose() => _key.Dispose();

    private string Note(long stated, string written)
    {
        var time = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, stated);
        var signature = SignatureAlgorithm.Ed25519.Sign(_key, Encoding.UTF8.GetBytes($"cosignature/v1\ntime {written}\n{Text}"));
        return $"{Text}\n— {Name} {Convert.ToBase64String([.. Id, .. time, .. signature])}\n";
    }
}
