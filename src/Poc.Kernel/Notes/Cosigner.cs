using System.Buffers.Binary;
using NSec.Cryptography;

namespace Poc.Kernel.Notes;

/// <summary>
/// Signs checkpoints as a witness (C2SP tlog-cosignature, <c>cosignature/v1</c> with Ed25519): at that time, this was the largest tree of its log that the witness
/// had seen, and it extends all that the witness cosigned before.
/// </summary>
public sealed class Cosigner : IDisposable
{
    private readonly Key _key;

    /// <summary>A cosigner from the 32-byte seed of its key, which must sign nothing else.</summary>
    /// <exception cref="FormatException">The seed has another length, or the name cannot stand in a signature line.</exception>
    public Cosigner(string name, ReadOnlySpan<byte> seed)
    {
        if (!Key.TryImport(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey, out var key))
        {
            throw new FormatException("An Ed25519 seed has 32 bytes.");
        }

        _key = key!;
        PublicKey = new NoteKey(name, _key.PublicKey, NoteKey.CosignatureType);
    }

    /// <summary>The key to verify its cosignatures with.</summary>
    public NoteKey PublicKey { get; }

    /// <summary>The signature line, with its newline, to add to the note of a checkpoint.</summary>
    /// <param name="text">Text of the checkpoint, up to and with its last newline.</param>
    /// <param name="at">When; kept to the second.</param>
    /// <exception cref="NoteException">The text is not one that can be signed.</exception>
    public string Cosign(string text, DateTimeOffset at)
    {
        var time = at.ToUnixTimeSeconds();
        var signature = new byte[sizeof(uint) + NoteKey.TimestampSize + 64];
        BinaryPrimitives.WriteUInt32BigEndian(signature, PublicKey.Id);
        BinaryPrimitives.WriteInt64BigEndian(signature.AsSpan(sizeof(uint)), time);
        SignatureAlgorithm.Ed25519.Sign(_key, NoteKey.Cosigned(time, SignedNote.TextBytes(text)), signature.AsSpan(sizeof(uint) + NoteKey.TimestampSize));
        return $"{SignedNote.SignaturePrefix}{PublicKey.Name} {Convert.ToBase64String(signature)}\n";
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
