using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Poc.Kernel.Log;
using Poc.Kernel.Seals;

namespace Poc.StatementArchive.Keys;

/// <summary>What is kept of an entry's content: all that opens its commitments, or is needed to.</summary>
/// <param name="Text">The words; null where the entry commits to none, or to captured bytes.</param>
/// <param name="Record">Canonical JSON of what was recorded; null where the entry commits to none.</param>
/// <param name="Nonce">Opens both commitments.</param>
/// <param name="Sha256">Of captured bytes; null where there are none.</param>
public sealed record Evidence(string? Text, string? Record, byte[] Nonce, byte[]? Sha256 = null);

/// <summary>
/// The key of one object. It is derived (HKDF-SHA256, RFC 5869) from a secret of the object's own and one of its group: without either of them nothing of the object opens
/// any more. What it seals is bound to the object and to the entry, so that no content opens in the place of another.
/// </summary>
public sealed class ObjectKey
{
    private readonly byte[] _key;

    /// <summary>The key of an object.</summary>
    /// <param name="objectId">The object.</param>
    /// <param name="objectSecret">Its own secret, 32 bytes.</param>
    /// <param name="groupSecret">Its group's secret, 32 bytes.</param>
    public ObjectKey(Guid objectId, ReadOnlySpan<byte> objectSecret, ReadOnlySpan<byte> groupSecret)
    {
        ObjectId = objectId;
        _key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, [.. objectSecret, .. groupSecret], Seal.KeySize, salt: null,
            info: [.. "poc archive object "u8, .. objectId.ToByteArray(bigEndian: true)]);
    }

    /// <summary>The object.</summary>
    public Guid ObjectId { get; }

    /// <summary>Seals what belongs to an entry.</summary>
    public byte[] Close(Guid entryId, Evidence evidence) => Seal.Close(_key, Pack(evidence), Bound(entryId, part: -1));

    /// <summary>Opens it; null where it was changed, or belongs to another entry.</summary>
    public Evidence? Open(Guid entryId, byte[] @sealed) => OpenPart(entryId, -1, @sealed) is { } content ? Unpack(content) : null;

    /// <summary>Seals a part of a capture.</summary>
    /// <param name="number">Its place, from 0.</param>
    /// <param name="data">Its bytes.</param>
    public byte[] CloseChunk(int number, ReadOnlySpan<byte> data) => Seal.Close(_key, data, Bound(ObjectId, number));

    /// <summary>Opens it; null where it was changed, or is another part.</summary>
    public byte[]? OpenChunk(int number, byte[] @sealed) => OpenPart(ObjectId, number, @sealed);

    private byte[]? OpenPart(Guid id, int part, byte[] @sealed)
    {
        try
        {
            return Seal.Open(_key, @sealed, Bound(id, part));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[] Bound(Guid id, int part)
    {
        var bound = new byte[20];
        id.TryWriteBytes(bound, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bound.AsSpan(16), part);
        return bound;
    }

    // The nonce, then text, record and hash, each after its length (-1: none).
    private static byte[] Pack(Evidence evidence)
    {
        var packed = new MemoryStream();
        packed.Write(evidence.Nonce.Length == Commitment.NonceSize ? evidence.Nonce : throw new ArgumentException("A nonce has 32 bytes.", nameof(evidence)));
        Add(evidence.Text is null ? null : Encoding.UTF8.GetBytes(evidence.Text));
        Add(evidence.Record is null ? null : Encoding.UTF8.GetBytes(evidence.Record));
        Add(evidence.Sha256);
        return packed.ToArray();

        void Add(byte[]? part)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, part?.Length ?? -1);
            packed.Write(length);
            packed.Write(part);
        }
    }

    private static Evidence Unpack(byte[] packed)
    {
        var at = Commitment.NonceSize;
        var (text, record, sha256) = (Next(), Next(), Next());
        return new Evidence(
            text is null ? null : Encoding.UTF8.GetString(text), record is null ? null : Encoding.UTF8.GetString(record), packed[..Commitment.NonceSize], sha256);

        byte[]? Next()
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(packed.AsSpan(at));
            at += 4;
            if (length < 0)
            {
                return null;
            }

            at += length;
            return packed[(at - length)..at];
        }
    }
}
