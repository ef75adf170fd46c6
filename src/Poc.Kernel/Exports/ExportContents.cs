using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Poc.Kernel.Json;

namespace Poc.Kernel.Exports;

/// <summary>One object of an export.</summary>
/// <param name="ObjectId">As its entries name it.</param>
/// <param name="Name">As the archive names it.</param>
/// <param name="Entries">Indices of all its entries up to the export, the first of them the one that began it.</param>
public sealed record ExportedObject(Guid ObjectId, string Name, IReadOnlyList<long> Entries);

/// <summary>What an export holds: canonical JSON, part of the payload that the log seals. So nothing can be taken out of it unseen.</summary>
/// <param name="ExportId">Random id; the object of the sealing entry.</param>
/// <param name="Origin">Of the log.</param>
/// <param name="At">When it was begun, UTC, to the microsecond.</param>
/// <param name="Recipient">To whom it goes.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Objects">By name.</param>
public sealed record ExportContents(Guid ExportId, string Origin, DateTimeOffset At, string Recipient, string Purpose, IReadOnlyList<ExportedObject> Objects)
{
    private const string Format = "poc-export/1";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>What the last entry about each object has the hash of.</summary>
    public HandoverDocument Handover => new(HandoverDocument.Exported, ExportId, Recipient, Purpose);

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(new JsonObject
    {
        ["format"] = Format,
        ["export"] = ExportId.ToString(),
        ["origin"] = Origin,
        ["at"] = At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
        ["recipient"] = Recipient,
        ["purpose"] = Purpose,
        ["objects"] = new JsonArray([.. Objects.Select(exported => (JsonNode)new JsonObject
        {
            ["object"] = exported.ObjectId.ToString(),
            ["name"] = exported.Name,
            ["entries"] = new JsonArray([.. exported.Entries.Select(index => (JsonNode)index)]),
        })]),
    });

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">It is not written as <see cref="ToBytes"/> would.</exception>
    public static ExportContents Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var json = document.RootElement;
            var contents = new ExportContents(
                json.GetProperty("export").GetGuid(),
                json.GetProperty("origin").GetString()!,
                DateTimeOffset.ParseExact(json.GetProperty("at").GetString()!, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                json.GetProperty("recipient").GetString()!,
                json.GetProperty("purpose").GetString()!,
                [.. json.GetProperty("objects").EnumerateArray().Select(exported => new ExportedObject(
                    exported.GetProperty("object").GetGuid(),
                    exported.GetProperty("name").GetString()!,
                    [.. exported.GetProperty("entries").EnumerateArray().Select(index => index.GetInt64())]))]);

            // Writing it again finds other members, another format and other ways to write the same.
            return contents.ToBytes().AsSpan().SequenceEqual(bytes.Span) ? contents : throw new FormatException("The list of contents is of another version, or not canonical.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("The list of contents lacks a member or has one of another type.", e);
        }
    }
}
