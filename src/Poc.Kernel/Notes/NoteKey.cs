using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Poc.Kernel.Notes;

/// <summary>
/// The public half of a key that signs notes (C2SP signed-note): a name, and an Ed25519 key whose 4-byte id is bound to both. Written as
/// <c>name+id+base64(0x01 || key)</c>.
/// </summary>
public sealed class NoteKey
{
    private const byte Ed25519Type = 0x01;
    private static readonly SignatureAlgorithm _ed25519 = SignatureAlgorithm.Ed25519;
    private readonly PublicKey _key;

    internal NoteKey(string name, PublicKey key)
    {
        Name = CheckedName(name);
        _key = key;
        Id = IdOf(name, key.Export(KeyBlobFormat.RawPublicKey));
    }

    /// <summary>Who signs; for a log this is its origin.</summary>
    public string Name { get; }

    /// <summary>The first four bytes of <c>SHA-256(name || 0x0A || 0x01 || key)</c>, big-endian.</summary>
    public uint Id { get; }

    /// <summary>Reads a verifier key as it is written in configuration.</summary>
    /// <exception cref="FormatException">It is not one, its id does not belong to its key, or its algorithm is not Ed25519.</exception>
    public static NoteKey Parse(string text)
    {
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0]) || parts[1].Length != 8
            || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
        {
            throw new FormatException("A verifier key is name+id+key, with an id of eight hexadecimal digits.");
        }

        var blob = Base64.Decode(parts[2]) ?? throw new FormatException("The key of a verifier key is base64.");
        if (blob.Length != 33 || blob[0] != Ed25519Type || !PublicKey.TryImport(_ed25519, blob.AsSpan(1), KeyBlobFormat.RawPublicKey, out var key))
        {
            throw new FormatException("The verifier key is not an Ed25519 key.");
        }

        var parsed = new NoteKey(parts[0], key!);
        return parsed.Id == id ? parsed : throw new FormatException("The id of the verifier key does not belong to its name and key.");
    }

    /// <summary>The verifier key as others configure it.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Name}+{Id:x8}+{Convert.ToBase64String([Ed25519Type, .. _key.Export(KeyBlobFormat.RawPublicKey)])}");

    /// <summary>Whether the signature is this key's over the text; small-order keys and non-canonical signatures are refused.</summary>
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature) => _ed25519.Verify(_key, text, signature);

    // A space, a control character or a plus sign in a name would make a signature line ambiguous.
    private static string CheckedName(string name)
        => IsName(name) ? name : throw new FormatException("A key name is not empty and has no white space, control characters or plus signs.");

    internal static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    private static uint IdOf(string name, byte[] key)
        => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(name), 0x0A, Ed25519Type, .. key]));
}
