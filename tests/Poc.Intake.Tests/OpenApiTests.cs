using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using Poc.Contracts.Intake.V1;

namespace Poc.Intake.Tests;

/// <summary>The OpenAPI document as a partner's tool would take it from the running service.</summary>
public sealed partial class OpenApiTests(IntakeStack stack)
{
    // A stream from the client has no form in JSON over HTTP.
    private static IEnumerable<MethodDescriptor> Methods =>
        typeof(IntakeService).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(IntakeService).Namespace && type is { IsAbstract: true, IsSealed: true } && type.GetProperty("Descriptor")?.PropertyType == typeof(ServiceDescriptor))
            .SelectMany(static type => ((ServiceDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!).Methods)
            .Where(static method => !method.IsClientStreaming);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_method_without_a_client_stream_is_in_it_with_its_comment()
    {
        var operations = Operations(await ReadAsync()).ToList();

        Assert.Equal(
            Methods.Select(static method => $"{method.Service.Name}_{method.Name}").Order(StringComparer.Ordinal),
            operations.Select(static operation => (string)operation.Operation["operationId"]!).Where(static id => !Additional().IsMatch(id)).Order(StringComparer.Ordinal));
        Assert.All(operations, static operation => Assert.NotEqual("", (string?)operation.Operation["description"]));
        Assert.Equal(operations.Count, operations.Select(static operation => (string)operation.Operation["operationId"]!).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Every_reference_leads_somewhere_and_every_variable_of_a_path_is_a_parameter()
    {
        var document = await ReadAsync();

        Assert.Equal("3.1.0", (string?)document["openapi"]);
        Assert.All(References(document), reference => Assert.NotNull(reference[2..].Split('/').Aggregate((JsonNode?)document, static (node, part) => node?[part])));
        Assert.All(Operations(document), static operation =>
        {
            var parameters = operation.Operation["parameters"]?.AsArray() ?? [];
            Assert.Equal(
                Variable().Matches(operation.Path).Select(static variable => variable.Groups[1].Value),
                parameters.Where(static parameter => (string?)parameter!["in"] == "path").Select(static parameter => (string)parameter!["name"]!));
            Assert.NotNull(operation.Operation["responses"]?["200"]?["content"]?["application/json"]?["schema"]);
            Assert.Equal("#/components/responses/error", (string?)operation.Operation["responses"]!["default"]!["$ref"]);
            Assert.NotEmpty(operation.Operation["x-allowed-roles"]!.AsArray());
        });
    }

    [Fact]
    public async Task Fields_have_their_JSON_form_and_what_is_required_is_said()
    {
        var schemas = (await ReadAsync())["components"]!["schemas"]!;

        var request = schemas["poc.intake.v1.Request"]!;
        Assert.Equal("string", (string?)request["properties"]!["text"]!["type"]);
        Assert.Equal("date-time", (string?)request["properties"]!["receivedAt"]!["format"]);
        Assert.True((bool?)request["properties"]!["receivedAt"]!["readOnly"]);
        Assert.Contains("REQUEST_KIND_DELIST", request["properties"]!["kind"]!["enum"]!.AsArray().Select(static value => (string)value!));
        Assert.Equal(["text", "language"], request["required"]!.AsArray().Select(static name => (string)name!).Intersect(["text", "language", "links"]));
        Assert.Equal("array", (string?)request["properties"]!["links"]!["type"]);
    }

    [Fact]
    public async Task What_the_document_describes_can_be_called()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        using var http = new HttpClient { BaseAddress = new Uri(partner.Server.Web), DefaultRequestHeaders = { { "x-api-key", partner.ApiKey } } };
        var filing = new JsonObject
        {
            ["requestId"] = Filings.NewId(),
            ["request"] = new JsonObject
            {
                ["kind"] = "REQUEST_KIND_DELIST",
                ["subject"] = new JsonObject { ["subject"] = "subjects/navalny" },
                ["text"] = "Просим взглянуть ещё раз. (synthetic)",
                ["language"] = "ru",
                ["relation"] = "RELATION_THIRD_PARTY",
                ["criteria"] = new JsonArray("advocacy-of-violence"),
                ["synthetic"] = true,
            },
        };

        var first = await SendAsync(http.PostAsync("/v1/requests", Json(filing), Ended), 200);
        var second = await SendAsync(http.PostAsync("/v1/requests", Json(filing), Ended), 200);
        var name = (string)first["request"]!["name"]!;
        Assert.True(JsonNode.DeepEquals(first, second));
        Assert.Equal("Просим взглянуть ещё раз. (synthetic)", (await partner.GetAsync(name)).Text);
        Assert.Equal(name, (string?)(await SendAsync(http.GetAsync($"/v1/{name}", Ended), 200))["request"]!["name"]);
        Assert.Equal((string?)first["receipt"]!["textSha256"], (string?)(await SendAsync(http.GetAsync($"/v1/{name}/receipt", Ended), 200))["receipt"]!["textSha256"]);
        Assert.Equal(name, (string?)(await SendAsync(http.GetAsync($"/v1/{partner.Name}/requests?pageSize=1", Ended), 200))["requests"]!.AsArray().Single()!["name"]);
        Assert.Single((await SendAsync(http.GetAsync("/v1/requests", Ended), 200))["requests"]!.AsArray());

        filing["request"]!["language"] = "??";
        filing["requestId"] = Filings.NewId();
        var refused = await SendAsync(http.PostAsync("/v1/requests", Json(filing), Ended), 400);
        Assert.Contains("request.language", refused.ToJsonString(), StringComparison.Ordinal);
        await SendAsync(http.GetAsync($"/v1/partners/somebody-else/requests/{Filings.NewId()}", Ended), 404);
        http.DefaultRequestHeaders.Remove("x-api-key");
        await SendAsync(http.GetAsync($"/v1/{name}", Ended), 401);
    }

    private static StringContent Json(JsonNode body) => new(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");

    private static async Task<JsonNode> SendAsync(Task<HttpResponseMessage> call, int status)
    {
        using var response = await call;
        var body = await response.Content.ReadAsStringAsync(Ended);
        Assert.True(status == (int)response.StatusCode, $"{response.StatusCode}: {body}");
        return JsonNode.Parse(body)!;
    }

    private async Task<JsonObject> ReadAsync()
    {
        using var http = new HttpClient();
        return JsonSerializer.Deserialize<JsonObject>(await http.GetStringAsync($"{(await stack.IntakeAsync()).Web}/openapi/v1.json", Ended))!;
    }

    private static IEnumerable<(string Path, JsonNode Operation)> Operations(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject().Select(verb => (path.Key, verb.Value!)));

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(static pair => pair is { Key: "$ref", Value: JsonValue value } ? [(string)value!] : References(pair.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Variable();

    // A second way to the same method.
    [GeneratedRegex(@"_\d+$")]
    private static partial Regex Additional();
}
