using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Poc.Kernel.Json;

namespace Poc.Kernel.Exports;

/// <summary>
/// Where each file of an export stands and what those say that follow from others: one bag, one form. Whoever verifies makes these bytes anew and compares, so that a
/// changed bit is found wherever it is. docs/export-format.md is the same in prose.
/// </summary>
public static class ExportLayout
{
    /// <summary>The bag declaration.</summary>
    public const string Declaration = "bagit.txt";

    /// <summary>The bag's metadata.</summary>
    public const string Info = "bag-info.txt";

    /// <summary>What was exported: <see cref="ExportContents"/>.</summary>
    public const string Contents = "data/export.json";

    /// <summary>RO-Crate metadata; the crate's root is the payload.</summary>
    public const string Crate = "data/ro-crate-metadata.json";

    /// <summary>The policy that the archive proposes. Nobody should trust a bag by the policy that came with it.</summary>
    public const string Policy = "data/policy.txt";

    /// <summary>The payload manifest whose SHA-256 the sealing entry carries.</summary>
    public const string SealedManifest = "manifest-sha256.txt";

    /// <summary>The signed checkpoint that all proofs lead to.</summary>
    public const string Checkpoint = "log/checkpoint";

    /// <summary>Folder of what proves a content, by the index of its entry.</summary>
    public const string EvidenceFolder = "data/evidence/";

    /// <summary>Folder of entries.</summary>
    public const string EntryFolder = "log/entries/";

    /// <summary>Folder of inclusion proofs.</summary>
    public const string ProofFolder = "log/proofs/";

    /// <summary>Folder of time-stamps, by the size of the tree that was stamped.</summary>
    public const string TimeStampFolder = "log/timestamps/";

    /// <summary>The four manifests, payload first.</summary>
    public static IReadOnlyList<string> Manifests { get; } = [SealedManifest, "manifest-sha512.txt", "tagmanifest-sha256.txt", "tagmanifest-sha512.txt"];

    /// <summary>The bytes of <see cref="Declaration"/>.</summary>
    public static byte[] DeclarationBytes => "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"u8.ToArray();

    /// <summary>Path of a content: text where the entry says so, bytes otherwise.</summary>
    public static string Content(long index, string? mediaType) => Of(EvidenceFolder, index, mediaType == "text/plain" ? "/content.txt" : "/content.bin");

    /// <summary>Path of what was recorded with a content.</summary>
    public static string Record(long index) => Of(EvidenceFolder, index, "/record.json");

    /// <summary>Path of the nonce that opens an entry's commitments.</summary>
    public static string Nonce(long index) => Of(EvidenceFolder, index, "/nonce.txt");

    /// <summary>Path of an entry.</summary>
    public static string Entry(long index) => Of(EntryFolder, index, ".json");

    /// <summary>Path of an entry's inclusion proof.</summary>
    public static string Proof(long index) => Of(ProofFolder, index, ".json");

    /// <summary>Path of the text of a checkpoint that was stamped.</summary>
    public static string StampedText(long size) => Of(TimeStampFolder, size, "/checkpoint.txt");

    /// <summary>Path of the proof that the export's tree begins with the one that was stamped.</summary>
    public static string StampedConsistency(long size) => Of(TimeStampFolder, size, "/consistency.json");

    /// <summary>Path of an authority's token.</summary>
    public static string Token(long size, string authority) => Of(TimeStampFolder, size, $"/{authority}.tst");

    /// <summary>A nonce as it is written: lower-case hexadecimal digits on a line.</summary>
    public static byte[] NonceBytes(byte[] nonce) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(nonce) + "\n");

    /// <summary>A manifest: lower-case digest, two blanks and path on a line, by path.</summary>
    public static byte[] Manifest(IEnumerable<(string Path, byte[] Digest)> files) => Encoding.ASCII.GetBytes(
        string.Concat(files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => $"{Convert.ToHexStringLower(file.Digest)}  {file.Path}\n")));

    /// <summary>The bytes of <see cref="Info"/>.</summary>
    public static byte[] InfoBytes(ExportContents contents, long payloadBytes, int payloadFiles) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"Bag-Software-Agent: Poc\nBagging-Date: {contents.At.UtcDateTime:yyyy-MM-dd}\nExternal-Description: Evidence of the log {contents.Origin}\n"
        + $"External-Identifier: urn:uuid:{contents.ExportId}\nPayload-Oxum: {payloadBytes}.{payloadFiles}\n"));

    /// <summary>An inclusion proof, as <c>poc-verify inclusion</c> reads it.</summary>
    public static byte[] Inclusion(byte[] leafHash, long index, long size, IEnumerable<byte[]> path, byte[] root) => CanonicalJson.Write(new JsonObject
    {
        ["index"] = index,
        ["leaf_hash"] = Convert.ToHexStringLower(leafHash),
        ["proof"] = Hexes(path),
        ["root"] = Convert.ToHexStringLower(root),
        ["size"] = size,
    });

    /// <summary>A consistency proof, as <c>poc-verify consistency</c> reads it.</summary>
    public static byte[] Consistency(long firstSize, byte[] firstRoot, long secondSize, byte[] secondRoot, IEnumerable<byte[]> path) => CanonicalJson.Write(new JsonObject
    {
        ["first_root"] = Convert.ToHexStringLower(firstRoot),
        ["first_size"] = firstSize,
        ["proof"] = Hexes(path),
        ["second_root"] = Convert.ToHexStringLower(secondRoot),
        ["second_size"] = secondSize,
    });

    private static JsonArray Hexes(IEnumerable<byte[]> hashes) => [.. hashes.Select(hash => (JsonNode)Convert.ToHexStringLower(hash))];

    private static string Of(string folder, long number, string end) => string.Create(CultureInfo.InvariantCulture, $"{folder}{number}{end}");
}
