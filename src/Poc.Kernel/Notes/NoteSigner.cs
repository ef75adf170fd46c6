using System.Buffers.Binary;
using NSec.Cryptography;

namespace Poc.Kernel.Notes;

/// <summary>Signs notes with an Ed25519 key (C2SP signed-note). Signing the same text twice gives the same note.</summary>
public sealed class NoteSigner : IDisposable
{
    private readonly Key _key;

    /// <summary>A signer from the 32-byte seed of its key.</summary>
    /// <exception cref="FormatException">The seed has another length, or the name cannot stand in a signature line.</exception>
    public NoteSigner(string name, ReadOnlySpan<byte> seed)
    {
        if (!Key.TryImport(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey, out var key))
        {
            throw new FormatException("An Ed25519 seed has 32 bytes.");
        }

        _key = key!;
        PublicKey = new NoteKey(name, _key.PublicKey);
    }

    /// <summary>The key to verify its notes with.</summary>
    public NoteKey PublicKey { get; }

    /// <summary>The note over a text that ends with a newline.</summary>
    /// <exception cref="FormatException">The text does not end with a newline or has control characters.</exception>
    public string Sign(string text)
    {
        var bytes = SignedNote.TextBytes(text);
        var signature = new byte[4 + 64];
        BinaryPrimitives.WriteUInt32BigEndian(signature, PublicKey.Id);
        SignatureAlgorithm.Ed25519.Sign(_key, bytes, signature.AsSpan(4));
        return $"{text}\n{SignedNote.SignaturePrefix}{PublicKey.Name} {Convert.ToBase64String(signature)}\n";
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
