using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Poc.Kernel.Json;

namespace Poc.Kernel.Exports;

/// <summary>
/// To whom an evidentiary copy went, and what for: canonical JSON, of which the log has the SHA-256 in an entry of kind <c>custody</c>. It holds a random id, so that
/// nobody guesses it from the hash, and no word of what was handed over: it is kept when that is erased, so that those who have a copy can be told.
/// </summary>
/// <param name="Act"><see cref="Exported"/> or <see cref="Transferred"/>.</param>
/// <param name="Id">Random; of an export, the export's.</param>
/// <param name="Recipient">Who got it.</param>
/// <param name="Purpose">What for.</param>
public sealed record HandoverDocument(string Act, Guid Id, string Recipient, string Purpose)
{
    /// <summary>As a bag.</summary>
    public const string Exported = "exported";

    /// <summary>By another way than the archive's own: on paper, on a medium, in a hearing.</summary>
    public const string Transferred = "transferred";

    /// <summary>What the entry carries.</summary>
    public byte[] Sha256() => SHA256.HashData(ToBytes());

    /// <summary>Its bytes.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(new JsonObject
    {
        ["act"] = Act,
        ["id"] = Id.ToString(),
        ["purpose"] = Purpose,
        ["recipient"] = Recipient,
    });

    /// <summary>Reads one back.</summary>
    /// <exception cref="FormatException">It is not written as <see cref="ToBytes"/> would.</exception>
    public static HandoverDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var parsed = JsonDocument.Parse(bytes);
            var json = parsed.RootElement;
            var document = new HandoverDocument(
                json.GetProperty("act").GetString()!, json.GetProperty("id").GetGuid(), json.GetProperty("recipient").GetString()!, json.GetProperty("purpose").GetString()!);
            return document.Act is Exported or Transferred && document.ToBytes().AsSpan().SequenceEqual(bytes.Span) ? document : throw new FormatException("The document is of another version, or not canonical.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("The document lacks a member or has one of another type.", e);
        }
    }
}
