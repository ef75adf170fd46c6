using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Poc.Review.Tests.Register;

/// <summary>The public register over HTTP/1.1, as a web page or curl reads it.</summary>
public sealed class RegisterJsonTests(ReviewStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_entry_a_page_a_search_and_the_changes_are_read_as_JSON_without_a_credential()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        using var http = Client(@case.Stack);
        var entry = await ReadAsync(http, $"/v1/{@case.Register}");
        Assert.Equal(@case.Register, (string?)entry["entry"]!["name"]);
        Assert.Equal("Людина", (string?)entry["entry"]!["nativeName"]);
        Assert.Equal("DESIGNATION_STATE_DESIGNATED", (string?)entry["entry"]!["episodes"]![0]!["designationState"]);
        Assert.Null(entry["entry"]!["episodes"]![0]!["history"]!.AsArray().FirstOrDefault(static change => (string?)change!["publicity"] != "PUBLICITY_PUBLIC"));
        Assert.Empty((await ReadAsync(http, $"/v1/{@case.Register}?asOf=2021-01-16"))["entry"]!["episodes"]!.AsArray());

        Assert.NotEmpty((await ReadAsync(http, "/v1/register?pageSize=1"))["entries"]!.AsArray());
        Assert.NotEmpty((await ReadAsync(http, "/v1/register:search?query=liudyna"))["matches"]!.AsArray());
        Assert.NotEmpty((await ReadAsync(http, "/v1/registerChanges?pageSize=1"))["changes"]!.AsArray());
    }

    [Fact]
    public async Task What_is_wrong_is_said_as_it_is_over_gRPC()
    {
        var running = await stack.RunningAsync();
        using var http = Client(running);
        var unknown = await http.GetAsync("/v1/register/nobody-of-that-name", Ended);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("SUBJECT_NOT_FOUND", await unknown.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
        var wrong = await http.GetAsync("/v1/register/somebody?asOf=yesterday", Ended);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("as_of", await wrong.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_describes_what_anybody_may_read_and_nothing_else()
    {
        var running = await stack.RunningAsync();
        using var http = Client(running);
        var paths = (await ReadAsync(http, "/openapi/v1.json"))["paths"]!.AsObject().Select(static path => path.Key).Order(StringComparer.Ordinal);
        Assert.Equal(["/v1/register", "/v1/register/{register}", "/v1/register:search", "/v1/registerChanges"], paths.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    private static async Task<JsonNode> ReadAsync(HttpClient http, string path) => JsonNode.Parse(await http.GetStringAsync(path, Ended))!;

    private static HttpClient Client(Running running) => new() { BaseAddress = new Uri(running.Service<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(address => !address.StartsWith(running.Address, StringComparison.Ordinal))) };
}
