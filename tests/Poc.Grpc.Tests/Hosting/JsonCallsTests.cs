using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Poc.Grpc.Tests.Hosting;

public sealed class JsonCallsTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_method_with_an_http_rule_is_answered_in_JSON()
    {
        await using var server = await Server.StartAsync();

        var (status, answer, _) = await PostAsync(server, "/v1/echo:forReviewers", """{"text":"héllo","pageSize":3}""", Server.Staff(Roles.Reviewer));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("héllo", "staff/anna"), (answer.GetProperty("text").GetString(), answer.GetProperty("caller").GetString()));
    }

    [Fact]
    public async Task Who_may_not_call_is_refused_before_the_body_is_read()
    {
        await using var server = await Server.StartAsync();
        var large = $$"""{"text":"{{new string('x', 5_000_000)}}"}""";

        await RefusedAsync(PostAsync(server, "/v1/echo:forReviewers", large), 401, "CREDENTIAL_MISSING");
        await RefusedAsync(PostAsync(server, "/v1/echo:forReviewers", large, Server.Bearer("nonsense")), 401, "CREDENTIAL_INVALID");
        await RefusedAsync(PostAsync(server, "/v1/echo:forReviewers", large, Server.Staff(Roles.Auditor)), 403, "ROLE_MISSING");
        await RefusedAsync(PostAsync(server, "/v1/echo:forNobody", "{}", Server.Staff(Roles.Reviewer)), 403, "METHOD_CLOSED");
    }

    [Theory]
    [InlineData("etag", 409, "ETAG_MISMATCH")]
    [InlineData("bug", 500, "INTERNAL")]
    [InlineData("sql", 500, "INTERNAL")]
    [InlineData("restart", 503, "DATABASE_UNAVAILABLE")]
    [InlineData("dependency", 503, "DEPENDENCY_UNAVAILABLE")]
    public async Task A_failure_has_the_HTTP_status_of_its_code_and_its_reason_and_nothing_else(string how, int status, string reason)
    {
        await using var server = await Server.StartAsync();

        var answer = await RefusedAsync(GetAsync(server, $"/v1/failures/{how}"), status, reason);

        Assert.DoesNotContain(Probe.Secret, answer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_fields_are_named_and_a_retry_says_when()
    {
        await using var server = await Server.StartAsync();

        var fields = await RefusedAsync(GetAsync(server, "/v1/failures/fields"), 400, "FIELD_INVALID");
        var violations = fields.GetProperty("details").EnumerateArray().Single(static detail => detail.GetProperty("@type").GetString() == "type.googleapis.com/google.rpc.BadRequest").GetProperty("fieldViolations");
        Assert.Equal(["request.text", "request_id", "request.text"], violations.EnumerateArray().Select(static violation => violation.GetProperty("field").GetString()));

        var (_, _, headers) = await GetAsync(server, "/v1/failures/retry");
        Assert.Equal(TimeSpan.FromSeconds(1), headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"text":7}""")]
    [InlineData("""{"nothing":"of the kind"}""")]
    [InlineData("[]")]
    [InlineData("""{"text":"a"} {"text":"b"}""")]
    [InlineData("""{"pageSize":99999999999}""")]
    [InlineData("not JSON at all")]
    public async Task A_body_that_is_not_the_request_is_the_callers_fault(string body)
    {
        await using var server = await Server.StartAsync();

        await RefusedAsync(PostAsync(server, "/v1/echo", body), 400, "MESSAGE_MALFORMED");
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_misspelt_field_or_parameter_is_named()
    {
        await using var server = await Server.StartAsync();

        var body = await RefusedAsync(PostAsync(server, "/v1/echo", """{"txet":"lost"}"""), 400, "MESSAGE_MALFORMED");
        Assert.Contains("txet", body.GetProperty("message").GetString(), StringComparison.Ordinal);
        var query = await RefusedAsync(GetAsync(server, "/v1/failures/etag?page=1"), 400, "MESSAGE_MALFORMED");
        Assert.Contains("'page'", query.GetProperty("message").GetString(), StringComparison.Ordinal);
        await RefusedAsync(GetAsync(server, "/v1/failures/etag?pageSize=many"), 400, "MESSAGE_MALFORMED");
        await RefusedAsync(GetAsync(server, "/v1/failures/etag?pageSize=1&page_token=x"), 409, "ETAG_MISMATCH");
    }

    [Fact]
    public async Task A_body_that_is_not_UTF_8_or_too_deep_is_refused()
    {
        await using var server = await Server.StartAsync();

        await RefusedAsync(SendAsync(server, HttpMethod.Post, "/v1/echo", new ByteArrayContent([.. "{\"text\":\""u8, 0xC3, 0x28, .. "\"}"u8]), null), 400, "MESSAGE_MALFORMED");
        await RefusedAsync(PostAsync(server, "/v1/echo", $$"""{"text":{{new string('[', 100_000)}}"""), 400, "MESSAGE_MALFORMED");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_4_MiB_is_refused_with_and_without_its_length(bool chunked)
    {
        await using var server = await Server.StartAsync();
        HttpContent content = new StringContent($$"""{"text":"{{new string('x', 4 * 1024 * 1024)}}"}""");
        if (chunked)
        {
            content = new StreamContent(await content.ReadAsStreamAsync(Ended));
            content.Headers.ContentLength = null;
        }

        await RefusedAsync(SendAsync(server, HttpMethod.Post, "/v1/echo", content, null), 429, "MESSAGE_TOO_LARGE");
        Assert.Equal(0, server.State.Calls);
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_ended()
    {
        await using var server = await Server.StartAsync(new Dictionary<string, string?> { ["Grpc:DefaultDeadline"] = "00:00:00.200" });

        await RefusedAsync(GetAsync(server, "/v1/failures/wait"), 504, "DEADLINE_EXCEEDED");
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_JSON()
    {
        await using var server = await Server.StartAsync();

        await RefusedAsync(GetAsync(server, "/v1/nowhere"), 404, "METHOD_UNKNOWN");
    }

    [Fact]
    public async Task A_stream_is_sent_as_lines_until_it_fails()
    {
        await using var server = await Server.StartAsync();

        var (status, text) = await TextAsync(server, "/v1/failures/etag:inStream");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("""{"text":"first""", text.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("ETAG_MISMATCH", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GRPC_Web_is_answered_with_the_same_errors()
    {
        await using var server = await Server.StartAsync();
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions
        {
            HttpHandler = new GrpcWebHandler(GrpcWebMode.GrpcWebText, new SocketsHttpHandler()),
            HttpVersion = HttpVersion.Version20,
        });
        var probe = new ProbeService.ProbeServiceClient(channel);

        Assert.Equal("over the web", (await probe.EchoForReviewersAsync(new ProbeRequest { Text = "over the web" }, Server.Staff(Roles.Reviewer), cancellationToken: Ended)).Text);
        await probe.EchoForReviewersAsync(new ProbeRequest(), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_MISSING");
        await probe.FailAsync(new ProbeRequest { Text = "etag" }, cancellationToken: Ended).RefusedAsync(StatusCode.Aborted, "ETAG_MISMATCH");
        await probe.EchoAsync(new ProbeRequest { Text = new string('x', 4 * 1024 * 1024) }, cancellationToken: Ended).RefusedAsync(StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE");
    }

    private static async Task<JsonElement> RefusedAsync(Task<(HttpStatusCode Status, JsonElement Answer, HttpResponseHeaders Headers)> call, int status, string reason)
    {
        var (actual, answer, _) = await call;
        Assert.Equal(status, (int)actual);
        var info = answer.GetProperty("details").EnumerateArray().Single(static detail => detail.GetProperty("@type").GetString() == "type.googleapis.com/google.rpc.ErrorInfo");
        Assert.Equal((reason, "poc"), (info.GetProperty("reason").GetString(), info.GetProperty("domain").GetString()));
        return answer;
    }

    private static Task<(HttpStatusCode Status, JsonElement Answer, HttpResponseHeaders Headers)> GetAsync(Server server, string path) => SendAsync(server, HttpMethod.Get, path, null, null);

    private static Task<(HttpStatusCode Status, JsonElement Answer, HttpResponseHeaders Headers)> PostAsync(Server server, string path, string body, Metadata? credential = null) =>
        SendAsync(server, HttpMethod.Post, path, new StringContent(body), credential);

    private static async Task<(HttpStatusCode Status, JsonElement Answer, HttpResponseHeaders Headers)> SendAsync(Server server, HttpMethod method, string path, HttpContent? content, Metadata? credential)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, server.Address + path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        if (content is not null)
        {
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json", Encoding.UTF8.WebName);
        }

        foreach (var entry in credential ?? [])
        {
            request.Headers.TryAddWithoutValidation(entry.Key, entry.Value);
        }

        using var response = await http.SendAsync(request, Ended);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Ended)), response.Headers);
    }

    private static async Task<(HttpStatusCode Status, string Text)> TextAsync(Server server, string path)
    {
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await http.GetAsync(server.Address + path, Ended);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ended));
    }
}
