using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Poc.Kernel.Notes;

/// <summary>
/// The public half of a key that signs notes (C2SP signed-note): a name, and an Ed25519 key whose 4-byte id is bound to both. Written as
/// <c>name+id+base64(type || key)</c>, where the type is 0x01 for plain signatures and 0x04 for a witness's (C2SP tlog-cosignature, <c>cosignature/v1</c>).
/// </summary>
public sealed class NoteKey
{
    private const byte Ed25519Type = 0x01;
    internal const byte CosignatureType = 0x04;
    internal const int TimestampSize = 8;
    private static readonly SignatureAlgorithm _ed25519 = SignatureAlgorithm.Ed25519;
    private readonly PublicKey _key;
    private readonly byte _type;

    internal NoteKey(string name, PublicKey key)
        : this(name, key, Ed25519Type)
    {
    }

    internal NoteKey(string name, PublicKey key, byte type)
    {
        Name = CheckedName(name);
        _key = key;
        _type = type;
        Id = IdOf(name, type, key.Export(KeyBlobFormat.RawPublicKey));
    }

    /// <summary>Whether its signatures are a witness's: timestamped, over a checkpoint, in the form <c>cosignature/v1</c>.</summary>
    public bool IsCosigner => _type == CosignatureType;

    /// <summary>Who signs; for a log this is its origin.</summary>
    public string Name { get; }

    /// <summary>The first four bytes of <c>SHA-256(name || 0x0A || type || key)</c>, big-endian.</summary>
    public uint Id { get; }

    /// <summary>Reads a verifier key as it is written in configuration.</summary>
    /// <exception cref="FormatException">It is not one, its id does not belong to its key, or its algorithm is neither Ed25519 nor cosignature/v1.</exception>
    public static NoteKey Parse(string text)
    {
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0]) || parts[1].Length != 8
            || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
        {
            throw new FormatException("A verifier key is name+id+key, with an id of eight hexadecimal digits.");
        }

        var blob = Base64.Decode(parts[2]) ?? throw new FormatException("The key of a verifier key is base64.");
        if (blob.Length != 33 || blob[0] is not (Ed25519Type or CosignatureType) || !PublicKey.TryImport(_ed25519, blob.AsSpan(1), KeyBlobFormat.RawPublicKey, out var key))
        {
            throw new FormatException("The verifier key is not an Ed25519 key.");
        }

        var parsed = new NoteKey(parts[0], key!, blob[0]);
        return parsed.Id == id ? parsed : throw new FormatException("The id of the verifier key does not belong to its name and key.");
    }

    /// <summary>The verifier key as others configure it.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Name}+{Id:x8}+{Convert.ToBase64String([_type, .. _key.Export(KeyBlobFormat.RawPublicKey)])}");

    /// <summary>Whether it is the same key pair, whatever its name.</summary>
    public bool HasKeyOf(NoteKey other) => _key.Equals(other._key);

    /// <summary>
    /// Whether the signature is this key's over the text. Ed25519 is checked strictly, as RFC 8032 allows: a non-canonical S or point and a key or R of small
    /// order are refused, so that one text has one signature and no key fits every text.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        if (!IsCosigner)
        {
            return _ed25519.Verify(_key, text, signature);
        }

        if (signature.Length != TimestampSize + _ed25519.SignatureSize)
        {
            return false;
        }

        var time = BinaryPrimitives.ReadInt64BigEndian(signature);
        if (time < 0)
        {
            return false;
        }

        return _ed25519.Verify(_key, Cosigned(time, text), signature[TimestampSize..]);
    }

    // The bytes that a witness signs say when it did, before what it saw.
    internal static byte[] Cosigned(long unixTime, ReadOnlySpan<byte> text)
        => [.. System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {unixTime}\n")), .. text];

    // A space, a control character or a plus sign in a name would make a signature line ambiguous.
    private static string CheckedName(string name)
        => IsName(name) ? name : throw new FormatException("A key name is not empty and has no white space, control characters or plus signs.");

    internal static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    private static uint IdOf(string name, byte type, byte[] key)
        => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(name), 0x0A, type, .. key]));
}
