using System.Globalization;
using System.Text.Json.Nodes;
using Poc.Kernel.Exports;
using Poc.Kernel.Json;
using Poc.Kernel.Log;

namespace Poc.StatementArchive.Exports;

/// <summary>One file of an export's payload, for the crate.</summary>
/// <param name="Path">Within the bag.</param>
/// <param name="Description">What it is.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="Size">In bytes.</param>
/// <param name="About">Name of the object it belongs to; null where it is about the export.</param>
internal sealed record CrateFile(string Path, string Description, string MediaType, long Size, string? About);

/// <summary>Describes an export as an RO-Crate 1.2, whose root is the payload folder. For readers and catalogues; no check rests on it.</summary>
internal static class ExportCrate
{
    private const string Profile = "https://w3id.org/ro/crate/1.2";

    /// <summary>The metadata document.</summary>
    public static byte[] Of(ExportContents contents, IReadOnlyList<CrateFile> files)
    {
        var root = new JsonObject
        {
            ["@id"] = "./",
            ["@type"] = "Dataset",
            ["identifier"] = $"urn:uuid:{contents.ExportId}",
            ["name"] = "Export of archived statements",
            ["description"] = $"{string.Join(", ", contents.Objects.Select(exported => exported.Name))}, with what proves them against the log {contents.Origin}.",
            ["datePublished"] = contents.At.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["license"] = "Evidence handed over for verification; the rights in it are with those who made it.",
            ["hasPart"] = Links(files.Select(Id)),
            ["mentions"] = Links(contents.Objects.Select(exported => $"#{exported.ObjectId}")),
        };
        var graph = new JsonArray(
            new JsonObject
            {
                ["@id"] = "ro-crate-metadata.json",
                ["@type"] = "CreativeWork",
                ["conformsTo"] = Link(Profile),
                ["about"] = Link("./"),
            },
            root);
        foreach (var exported in contents.Objects)
        {
            graph.Add(new JsonObject
            {
                ["@id"] = $"#{exported.ObjectId}",
                ["@type"] = "CreativeWork",
                ["name"] = exported.Name,
                ["hasPart"] = Links(files.Where(file => file.About == exported.Name).Select(Id)),
            });
        }

        foreach (var file in files)
        {
            graph.Add(new JsonObject
            {
                ["@id"] = Id(file),
                ["@type"] = "File",
                ["name"] = file.Description,
                ["encodingFormat"] = file.MediaType,
                ["contentSize"] = file.Size.ToString(CultureInfo.InvariantCulture),
            });
        }

        return CanonicalJson.Write(new JsonObject { ["@context"] = $"{Profile}/context", ["@graph"] = graph });
    }

    /// <summary>What an entry's content is, for people.</summary>
    public static string Describe(LogEntry entry) => entry.Kind switch
    {
        LogEntry.Kinds.Statement => "The words",
        LogEntry.Kinds.Translation => "A translation",
        LogEntry.Kinds.Captured => "The captured bytes",
        _ => "The content",
    };

    private static string Id(CrateFile file) => file.Path["data/".Length..];

    private static JsonObject Link(string id) => new() { ["@id"] = id };

    private static JsonArray Links(IEnumerable<string> ids) => [.. ids.Select(id => (JsonNode)Link(id))];
}
