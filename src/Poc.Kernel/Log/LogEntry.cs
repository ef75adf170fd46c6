using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Poc.Kernel.Json;

namespace Poc.Kernel.Log;

/// <summary>
/// One entry of the archive's log. It says that something of a kind happened to an object, who did it and what it was (by commitment), and nothing that a
/// stranger could read: ids are random, there are no names, URLs or prose in it. Its bytes are canonical JSON, made once and never again.
/// </summary>
/// <param name="Kind">What happened; one of <see cref="Kinds"/>.</param>
/// <param name="Id">Random id of the entry.</param>
/// <param name="ObjectId">Random id of what it is about; entries about the same object form a chain.</param>
/// <param name="ActorId">Random id that stands for who did it.</param>
/// <param name="At">When, UTC; kept to the microsecond.</param>
public sealed record LogEntry(string Kind, Guid Id, Guid ObjectId, Guid ActorId, DateTimeOffset At)
{
    /// <summary>Largest entry, in bytes: the length of an entry in a bundle (C2SP tlog-tiles) has 16 bits.</summary>
    public const int MaxSize = 65_535;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Leaf hash of the entry before it about the same object; null for the first.</summary>
    public byte[]? Predecessor { get; init; }

    /// <summary><see cref="Log.Commitment"/> to the content; null where there is none.</summary>
    public byte[]? Commitment { get; init; }

    /// <summary><see cref="Log.Commitment"/>, with the same r, to the canonical JSON of everything else that was recorded with the content.</summary>
    public byte[]? RecordCommitment { get; init; }

    /// <summary>Media type of the content.</summary>
    public string? MediaType { get; init; }

    /// <summary>Size of the content in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>SHA-256 of a document that is public or kept elsewhere, such as a signed decision.</summary>
    public byte[]? Sha256 { get; init; }

    /// <summary>The bytes that the log hashes.</summary>
    /// <exception cref="InvalidOperationException">They would be more than <see cref="MaxSize"/>, or the kind is unknown.</exception>
    public byte[] ToBytes()
    {
        var json = new JsonObject
        {
            ["v"] = 1,
            ["kind"] = Kinds.All.Contains(Kind) ? Kind : throw new InvalidOperationException($"The log has no entries of kind {Kind}."),
            ["id"] = Id.ToString(),
            ["object"] = ObjectId.ToString(),
            ["actor"] = ActorId.ToString(),
            ["at"] = At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
        };
        AddHex("predecessor", Predecessor);
        AddHex("commitment", Commitment);
        AddHex("record_commitment", RecordCommitment);
        AddHex("sha256", Sha256);
        if (MediaType is not null)
        {
            json["media_type"] = MediaType;
        }

        if (Size is { } size)
        {
            json["size"] = size;
        }

        var bytes = CanonicalJson.Write(json);
        return bytes.Length <= MaxSize ? bytes : throw new InvalidOperationException($"An entry has at most {MaxSize} bytes.");

        void AddHex(string name, byte[]? value)
        {
            if (value is not null)
            {
                json[name] = Convert.ToHexStringLower(value);
            }
        }
    }

    /// <summary>Reads an entry back.</summary>
    /// <exception cref="FormatException">The bytes are not a canonical entry of this version.</exception>
    public static LogEntry Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxSize || !CanonicalJson.IsCanonical(bytes))
        {
            throw new FormatException("An entry is canonical JSON.");
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            var json = document.RootElement;
            var entry = new LogEntry(
                json.GetProperty("kind").GetString()!,
                json.GetProperty("id").GetGuid(),
                json.GetProperty("object").GetGuid(),
                json.GetProperty("actor").GetGuid(),
                DateTimeOffset.ParseExact(json.GetProperty("at").GetString()!, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal))
            {
                Predecessor = Hex(json, "predecessor"),
                Commitment = Hex(json, "commitment"),
                RecordCommitment = Hex(json, "record_commitment"),
                Sha256 = Hex(json, "sha256"),
                MediaType = json.TryGetProperty("media_type", out var mediaType) ? mediaType.GetString() : null,
                Size = json.TryGetProperty("size", out var size) ? size.GetInt64() : null,
            };

            // Writing it again finds what this version does not know: other members, another version, an unknown kind.
            return entry.ToBytes().AsSpan().SequenceEqual(bytes.Span) ? entry : throw new FormatException("The entry is of another version.");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("The entry lacks a member or has one of another type.", e);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(ToBytes());

    private static byte[]? Hex(JsonElement json, string name)
        => json.TryGetProperty(name, out var value) ? Convert.FromHexString(value.GetString()!) : null;

    /// <summary>What an entry can say.</summary>
    public static class Kinds
    {
        /// <summary>Bytes were captured.</summary>
        public const string Captured = "captured";

        /// <summary>A statement was archived.</summary>
        public const string Statement = "statement";

        /// <summary>A translation of a statement was added.</summary>
        public const string Translation = "translation";

        /// <summary>Evidence for or against a retraction was added.</summary>
        public const string Retraction = "retraction";

        /// <summary>A note was added to an object.</summary>
        public const string Annotation = "annotation";

        /// <summary>An evidentiary copy was read, handed over or exported.</summary>
        public const string Custody = "custody";

        /// <summary>Erasure of an object was forbidden or allowed again.</summary>
        public const string LegalHold = "legal_hold";

        /// <summary>Content and r were destroyed.</summary>
        public const string Erased = "erased";

        /// <summary>The log's signing key changed.</summary>
        public const string KeyChange = "key_change";

        /// <summary>A decision was signed elsewhere; the entry carries its hash.</summary>
        public const string Decision = "decision";

        /// <summary>All of them.</summary>
        public static IReadOnlySet<string> All { get; } = new HashSet<string>(StringComparer.Ordinal)
        {
            Captured, Statement, Translation, Retraction, Annotation, Custody, LegalHold, Erased, KeyChange, Decision,
        };
    }
}
