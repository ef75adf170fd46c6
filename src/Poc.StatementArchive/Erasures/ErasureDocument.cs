using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Json;

namespace Poc.StatementArchive.Erasures;

/// <summary>Why an object was erased: canonical JSON, kept with what remains of it and in the journal; the log has its SHA-256.</summary>
/// <param name="ObjectId">The object.</param>
/// <param name="ProposalId">The proposal.</param>
/// <param name="Reason">Why.</param>
/// <param name="Authority">On whose authority.</param>
/// <param name="ProposedBy">Who proposed it.</param>
/// <param name="ConfirmedBy">Who confirmed it.</param>
internal sealed record ErasureDocument(Guid ObjectId, Guid ProposalId, ErasureReason Reason, string Authority, string ProposedBy, string ConfirmedBy)
{
    /// <summary>What the entry carries.</summary>
    public static byte[] Sha256(string document) => SHA256.HashData(Encoding.UTF8.GetBytes(document));

    /// <summary>Reads one back.</summary>
    public static ErasureDocument Parse(string document)
    {
        using var parsed = JsonDocument.Parse(document);
        var json = parsed.RootElement;
        return new ErasureDocument(
            json.GetProperty("object").GetGuid(), json.GetProperty("proposal").GetGuid(), Enum.Parse<ErasureReason>(json.GetProperty("reason").GetString()!),
            json.GetProperty("authority").GetString()!, json.GetProperty("proposed_by").GetString()!, json.GetProperty("confirmed_by").GetString()!);
    }

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(CanonicalJson.Write(new JsonObject
    {
        ["object"] = ObjectId.ToString(),
        ["proposal"] = ProposalId.ToString(),
        ["reason"] = Reason.ToString(),
        ["authority"] = Authority,
        ["proposed_by"] = ProposedBy,
        ["confirmed_by"] = ConfirmedBy,
    }));
}
