using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.EndToEnd.Tests.Disorder;

/// <summary>
/// What a stack's Review says in the end: the public register, and the record behind it (decisions as they were signed, dossiers with what they gathered and how the panel voted), field by field.
/// Names that are drawn anew in each run, and instants, are replaced by what they stand for; nothing else is.
/// </summary>
internal static partial class PublicRecord
{
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line for each field: its path and its value, so that a difference can be read.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(LaunchedStack stack)
    {
        using var channel = GrpcChannel.ForAddress(await stack.AddressAsync("review", "grpc"));
        var key = (await File.ReadAllTextAsync(Path.Combine(stack.State, "keys", "staff.key"))).Trim();
        var auditor = new Metadata { { "authorization", $"Bearer {DevelopmentTokens.Mint(key, "auditor-1", [Roles.Auditor], TimeSpan.FromMinutes(10), TimeProvider.System)}" } };
        var (register, review) = (new RegisterService.RegisterServiceClient(channel), new ReviewService.ReviewServiceClient(channel));

        var entries = await register.ListRegisterEntriesAsync(new ListRegisterEntriesRequest { PageSize = 100 });
        Assert.Empty(entries.NextPageToken);
        var whole = new JsonObject { ["register"] = Json(entries) };
        foreach (var entry in entries.Entries)
        {
            foreach (var day in (string[])["2021-01-17", "2021-02-23", "2021-02-24", "2021-05-07"])
            {
                whole[$"{entry.Name} on {day}"] = Json(await register.GetRegisterEntryAsync(new GetRegisterEntryRequest { Name = entry.Name, AsOf = day }));
            }
        }

        foreach (var name in entries.Entries.SelectMany(static entry => entry.Episodes).SelectMany(static episode => episode.History).Select(static change => change.Decision).Where(static name => name.Length > 0))
        {
            var decision = (await review.GetDecisionAsync(new GetDecisionRequest { Name = name }, auditor)).Decision;
            var dossier = (await review.GetDossierAsync(new GetDossierRequest { Name = decision.Dossier }, auditor)).Dossier;
            var ballots = await review.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier.Name }, auditor);
            var assessments = await review.ListAssessmentsAsync(new ListAssessmentsRequest { Dossier = dossier.Name }, auditor);
            var content = (await review.GetDecisionDocumentAsync(new GetDecisionDocumentRequest { Name = name }, auditor)).Content;
            whole[name] = new JsonObject
            {
                ["decision"] = Json(WithoutHash(decision)),
                ["signed"] = JsonNode.Parse(content),
                ["dossier"] = Json(Gathered(dossier)),
                ["requests"] = Requests(dossier),
                ["ballots"] = Json(ballots),
                ["assessments"] = Json(assessments),
            };
        }

        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        return [.. Fields("", whole).Select(field => Moment().Replace(Drawn().Replace(field, match => Stand(seen, match.Value)), "(instant)"))];
    }

    // The hash is over names that are drawn anew; what it is over is compared instead ("signed").
    private static Decision WithoutHash(Decision decision)
    {
        var copy = decision.Clone();
        copy.ContentSha256 = ByteString.Empty;
        return copy;
    }

    // Requests are compared apart: in which order they were stored is chance, and no part of what was decided.
    private static Dossier Gathered(Dossier dossier)
    {
        var copy = dossier.Clone();
        copy.Requests.Clear();
        copy.Entries.Clear();
        copy.Etag = "";
        return copy;
    }

    private static JsonArray Requests(Dossier dossier) =>
        [.. dossier.Requests.Select(static request => $"{request.Request.Split('/')[1]} {string.Join(',', request.Criteria)} {string.Join(',', request.CitedStatements)} {request.Withdrawn}").Order(StringComparer.Ordinal)];

    private static JsonNode Json(IMessage message) => JsonNode.Parse(JsonFormatter.Default.Format(message))!;

    private static IEnumerable<string> Fields(string path, JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(field => Fields($"{path}/{field.Key}", field.Value)),
        JsonArray items => items.Select((item, index) => Fields(string.Create(CultureInfo.InvariantCulture, $"{path}/{index}"), item)).SelectMany(static each => each),
        null => [$"{path}: null"],
        _ => [$"{path}: {node.ToJsonString(Unescaped)}"],
    };

    // By first appearance: two runs that name the same things in the same places have the same numbers.
    private static string Stand(Dictionary<string, string> seen, string drawn)
    {
        if (!seen.TryGetValue(drawn, out var number))
        {
            seen[drawn] = number = $"#{seen.Count + 1}";
        }

        return number;
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Drawn();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")]
    private static partial Regex Moment();
}
