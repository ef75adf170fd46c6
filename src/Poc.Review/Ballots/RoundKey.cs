using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Poc.Contracts.Review.V1;
using Poc.Kernel.Seals;

namespace Poc.Review.Ballots;

/// <summary>
/// Seals what the panel of one dossier casts. A seal is bound to dossier, member and statement, so that none opens in the place of another, and padded, so that its length tells little.
/// </summary>
/// <param name="dossier">Whose round it is.</param>
/// <param name="secret">The round's secret, 32 bytes; never used as a key itself.</param>
public sealed class RoundKey(string dossier, ReadOnlySpan<byte> secret)
{
    // Of every seal's content: a longer reason is seen by its length, a choice never is.
    private const int Block = 256;

    private readonly byte[] _sealing = Derive(secret, "poc review seal"u8);
    private readonly byte[] _fingerprinting = Derive(secret, "poc review fingerprint"u8);

    /// <summary>Seals a member's ballot.</summary>
    public byte[] Close(string reviewer, Ballot ballot) => Close(ballot, BallotOf(reviewer));

    /// <summary>Seals a member's assessment.</summary>
    public byte[] Close(string reviewer, Assessment assessment) => Close(assessment, AssessmentOf(reviewer, assessment.Statement));

    /// <summary>Opens a member's ballot.</summary>
    /// <exception cref="CryptographicException">It was changed, or is another's.</exception>
    public Ballot OpenBallot(string reviewer, byte[] @sealed) => Open(Ballot.Parser, @sealed, BallotOf(reviewer));

    /// <summary>Opens a member's assessment of a statement.</summary>
    /// <exception cref="CryptographicException">It was changed, or is another's.</exception>
    public Assessment OpenAssessment(string reviewer, string statement, byte[] @sealed) => Open(Assessment.Parser, @sealed, AssessmentOf(reviewer, statement));

    /// <summary>Tells a content from another one without telling what it is: HMAC-SHA256. A hash alone would tell it to whoever guesses.</summary>
    public string Fingerprint(IMessage content) => Convert.ToHexStringLower(HMACSHA256.HashData(_fingerprinting, content.ToByteArray()));

    private byte[] Close(IMessage content, byte[] bound)
    {
        var length = content.CalculateSize();
        var padded = new byte[(sizeof(int) + length + Block - 1) / Block * Block];
        BinaryPrimitives.WriteInt32BigEndian(padded, length);
        content.WriteTo(padded.AsSpan(sizeof(int), length));
        return Seal.Close(_sealing, padded, bound);
    }

    private T Open<T>(MessageParser<T> parser, byte[] @sealed, byte[] bound) where T : IMessage<T>
    {
        var padded = Seal.Open(_sealing, @sealed, bound);
        return parser.ParseFrom(padded.AsSpan(sizeof(int), BinaryPrimitives.ReadInt32BigEndian(padded)));
    }

    // Names hold no line breaks.
    private byte[] BallotOf(string reviewer) => Encoding.UTF8.GetBytes($"ballot\n{dossier}\n{reviewer}");

    private byte[] AssessmentOf(string reviewer, string statement) => Encoding.UTF8.GetBytes($"assessment\n{dossier}\n{reviewer}\n{statement}");

    private static byte[] Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> purpose)
    {
        var key = new byte[Seal.KeySize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: [], info: purpose);
        return key;
    }
}
