using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Poc.Contracts.Review.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Kernel.Json;
using Poc.Review.Protocols;

namespace Poc.Review.Decisions;

/// <summary>
/// What is signed: a JSON object in its canonical form (RFC 8785), so that anybody who has the decision can compute its hash again. It holds everything a
/// decision says, the SHA-256 of each cited statement as the archive read it for the signature, and the SHA-256 of the protocol document. It holds no
/// signature and no publicity, which come after it.
/// </summary>
public static class DecisionContent
{
    /// <summary>The canonical text.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="findings">The archive's findings, one for each citation, in order.</param>
    /// <param name="reply">Whether the subject could reply.</param>
    /// <param name="rules">The protocol version it was made under.</param>
    public static string Write(Decision decision, IReadOnlyList<CitationFinding> findings, RightOfReply reply, Rules rules) =>
        Encoding.UTF8.GetString(CanonicalJson.Write(new JsonObject
        {
            ["name"] = decision.Name,
            ["dossier"] = decision.Dossier,
            ["subject"] = decision.Subject,
            ["episode"] = decision.Episode,
            ["protocol"] = decision.Protocol,
            ["protocolSha256"] = Convert.ToHexStringLower(rules.DocumentSha256),
            ["outcome"] = EnumText<Outcome>.Of(decision.Outcome),
            ["tally"] = new JsonObject
            {
                ["for"] = decision.Tally.ForCount,
                ["against"] = decision.Tally.AgainstCount,
                ["abstain"] = decision.Tally.AbstainCount,
                ["eligible"] = decision.Tally.EligibleCount,
            },
            ["reasons"] = decision.Reasons,
            ["citations"] = new JsonArray([.. decision.Citations.Zip(findings, Cited)]),
            ["precedents"] = new JsonArray([.. decision.Precedents.Select(static p =>
            new JsonObject { ["precedent"] = p.Precedent, ["departs"] = p.Departs, ["because"] = p.Because })]),
            ["pressureDisclosure"] = decision.PressureDisclosure,
            ["harmForecast"] = decision.HarmForecast,
            ["rightOfReply"] = new JsonObject { ["given"] = reply.Given, ["reason"] = reply.Reason, ["dated"] = reply.Dated },
            ["dissents"] = new JsonArray([.. decision.Dissents.Select(static d => new JsonObject { ["author"] = d.Author, ["text"] = d.Text })]),
            ["effectiveOn"] = decision.EffectiveOn,
            ["corrects"] = decision.Corrects.Length == 0 ? null : decision.Corrects,
            ["draftedBy"] = decision.DraftedBy,
        }));

    /// <summary>SHA-256 of the text's UTF-8 bytes.</summary>
    public static byte[] Hash(string content) => SHA256.HashData(Encoding.UTF8.GetBytes(content));

    private static JsonNode Cited(Citation citation, CitationFinding finding)
    {
        // Protobuf JSON fixes names and forms of the citation's own fields; the canonical form then fixes the bytes.
        var node = JsonNode.Parse(JsonFormatter.Default.Format(citation))!.AsObject();
        node["contentSha256"] = Convert.ToHexStringLower(finding.ContentSha256.Span);
        return node;
    }
}
