using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Intake.Tests.Attacks;

/// <summary>Messages that no honest client writes, as they arrive over gRPC and over JSON: each is refused with its field or as malformed, and nothing is stored.</summary>
public sealed class HostileInputTests(IntakeStack stack)
{
    private static readonly Method<byte[], SubmitRequestResponse> Submit = new(
        MethodType.Unary, IntakeService.Descriptor.FullName, "SubmitRequest", Marshallers.Create(static bytes => bytes, static bytes => bytes),
        Marshallers.Create(static message => message.ToByteArray(), SubmitRequestResponse.Parser.ParseFrom));

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>What is done to an honest message, by the field that is then wrong.</summary>
    private static readonly Dictionary<string, (string Field, Action<SubmitRequestRequest> Spoil)> Spoilt = new(StringComparer.Ordinal)
    {
        ["a kind that does not exist"] = ("request.kind", static message => message.Request.Kind = (RequestKind)99),
        ["a negative kind"] = ("request.kind", static message => message.Request.Kind = (RequestKind)(-1)),
        ["no kind"] = ("request.kind", static message => message.Request.Kind = RequestKind.Unspecified),
        ["a relation that does not exist"] = ("request.relation", static message => message.Request.Relation = (Relation)99),
        ["a right-to-left override in a name"] = Described("Alexei\u202EyenlavaN"),
        ["an isolate in a name"] = Described("Alexei\u2066Navalny"),
        ["a zero-width space in a name"] = Described("Ale\u200Bxei"),
        ["a byte order mark in a name"] = Described("\uFEFFAlexei"),
        ["a control character in a name"] = Described("Alexei\u0007"),
        ["a line break in a name"] = Described("Alexei\nNavalny"),
        ["an invisible operator in a name"] = Described("Alexei\u2063"),
        ["a tag character in a name"] = Described("Alexei\U000E0041"),
        ["the same in a transliteration"] = ("request.subject.description.transliterations[0]", static message =>
            message.Request.Subject = new SubjectReference { Description = new SubjectDescription { NativeName = "Алексей", Script = "Cyrl", Transliterations = { "Ale\u200Bxei" } } }),
        ["the same in a requester's name"] = ("requester.name", static message => message.Requester = new Requester { Name = "An\u202Ena" }),
        ["a language that is none"] = ("request.language", static message => message.Request.Language = "en\u0000us"),
        ["a link that is none"] = ("request.links[0]", static message => message.Request.Links[0] = "javascript:alert(1)"),
        ["an id in braces"] = ("request_id", static message => message.RequestId = "{0190a6c2-1111-7000-8000-000000000000}"),
        ["an id that is empty"] = ("request_id", static message => message.RequestId = ""),
        ["an id of Arabic digits"] = ("request_id", static message => message.RequestId = "٠١٩٠a6c2-1111-7000-8000-000000000000"),
        ["a statement outside the archive"] = ("request.cited_statements[0]", static message => message.Request.CitedStatements.Add("subjects/../statements/1")),
        ["a subject with a path in it"] = ("request.subject.subject", static message => message.Request.Subject = new SubjectReference { Subject = "subjects/a/../b" }),
        ["a text of NUL"] = ("request.text", static message => message.Request.Text = "\0"),
    };

    public static TheoryData<string> Spoils => [.. Spoilt.Keys];

    [Theory]
    [MemberData(nameof(Spoils))]
    public async Task A_wrong_field_is_named(string spoil)
    {
        var (intake, partner) = await PartnerAsync();
        var (field, change) = Spoilt[spoil];
        var message = Filings.Delist();
        change(message);

        var refusal = await partner.SubmitAsync(message).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        var (status, answer) = await PostAsync(intake, partner, Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(message)));

        Assert.Contains(field, refusal.WrongFields());
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains($"\"{field}\"", answer, StringComparison.Ordinal);
        Assert.Equal(0, await StoredAsync(intake, partner));
    }

    [Fact]
    public async Task Text_that_is_not_UTF_8_is_refused_and_not_mended()
    {
        var (intake, partner) = await PartnerAsync();
        var message = Filings.Delist("MARK");

        foreach (var wrong in new byte[][] { [0xFF, 0xFE, 0xFD, 0xFC], [0xC0, 0xAE, 0xC0, 0xAE], [0xED, 0xA0, 0x80, 0x41], [0xF4, 0x90, 0x80, 0x80] })
        {
            var refusal = await intake.Channel.CreateCallInvoker().AsyncUnaryCall(Submit, null, new CallOptions(partner.Headers, cancellationToken: Ended), Replace(message.ToByteArray(), wrong))
                .RefusedAsync(StatusCode.InvalidArgument, "MESSAGE_MALFORMED");
            var (status, answer) = await PostAsync(intake, partner, Replace(Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(message)), wrong));

            Assert.DoesNotContain("MARK", refusal.Status.Detail, StringComparison.Ordinal);
            Assert.Equal((HttpStatusCode.BadRequest, "MESSAGE_MALFORMED"), (status, ReasonOf(answer)));
        }

        Assert.Equal(0, await StoredAsync(intake, partner));
    }

    [Theory]
    [InlineData("""{"request_id": "ID", "request": {"kind": "NONSENSE"}}""")]
    [InlineData("""{"request_id": "ID", "request": {"kind": "REQUEST_KIND_DELIST", "kind": "REQUEST_KIND_DESIGNATE"}}""")]
    [InlineData("""{"request_id": "ID", "request": {"text": "a", "text": "b"}}""")]
    [InlineData("""{"request_id": "ID", "request": {"text": "\ud800"}}""")]
    [InlineData("""{"request_id": "ID", "request": {"text": 7}}""")]
    [InlineData("""{"request_id": "ID", "request": {"synthetic": "yes"}}""")]
    [InlineData("""{"request_id": "ID", "request": {"kind": 1e400}}""")]
    [InlineData("""{"request_id": "ID", "request": {"kind": 2147483648}}""")]
    [InlineData("""{"request_id": "ID", "request": {"received_at": "0000-01-01T00:00:00Z"}}""")]
    [InlineData("""{"request_id": "ID", "request": {"received_at": "10000-01-01T00:00:00Z"}}""")]
    [InlineData("""{"request_id": "ID", "request": {"received_at": "2021-02-30T00:00:00Z"}}""")]
    [InlineData("""{"request_id": "ID", "request": {"received_at": 1611014400}}""")]
    [InlineData("""{"request_id": "ID", "request": {"links": "https://example.org"}}""")]
    [InlineData("""{"request_id": "ID", "request": {}, "admin": true}""")]
    [InlineData("""{"request_id": "ID", "request": {"__proto__": {}}}""")]
    [InlineData("""{"request_id": "ID"} {"request_id": "ID"}""")]
    [InlineData("""{"request_id": "ID",}""")]
    [InlineData("""// a comment""")]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    [InlineData("""NaN""")]
    public async Task Json_that_says_what_no_message_says_is_refused(string body)
    {
        var (intake, partner) = await PartnerAsync();

        var (status, answer) = await PostAsync(intake, partner, Encoding.UTF8.GetBytes(body.Replace("ID", Filings.NewId(), StringComparison.Ordinal)));

        Assert.Equal((HttpStatusCode.BadRequest, "MESSAGE_MALFORMED"), (status, ReasonOf(answer)));
        Assert.Equal(0, await StoredAsync(intake, partner));
    }

    [Fact]
    public async Task What_only_Intake_says_is_not_taken_from_a_client()
    {
        var (intake, partner) = await PartnerAsync();
        var message = Filings.Delist();
        message.Request.Name = "partners/other/requests/1";
        message.Request.State = (Request.Types.State)99;
        message.Request.ReceivedAt = new Timestamp { Seconds = long.MaxValue, Nanos = -1 };

        var stored = (await partner.SubmitAsync(message)).Request;

        Assert.StartsWith(partner.Name + "/requests/", stored.Name, StringComparison.Ordinal);
        Assert.Equal(Request.Types.State.Received, stored.State);
        Assert.InRange(stored.ReceivedAt.ToDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));
        Assert.Equal(1, await StoredAsync(intake, partner));
    }

    [Theory]
    [InlineData("0000-01-01")]
    [InlineData("10000-01-01")]
    [InlineData("2021-02-30")]
    [InlineData("2021-13-01")]
    [InlineData("-2021-01-01")]
    [InlineData("2021-1-1")]
    [InlineData("9999-12-31")]
    [InlineData("٢٠٢١-٠١-٠١")]
    [InlineData("2021-01-19T00:00:00Z")]
    [InlineData("now()")]
    public async Task Days_that_do_not_exist_or_are_to_come_are_refused(string day)
    {
        var intake = await stack.IntakeAsync();
        var message = new RecordAmplificationEventRequest
        {
            RequestId = Filings.NewId(),
            AmplificationEvent = new AmplificationEvent { Subject = "subjects/navalny", Description = "An act. (synthetic)", OccurredOn = day, Synthetic = true },
        };

        var refusal = await intake.Client.RecordAmplificationEventAsync(message, IntakeServer.Staff(Roles.IntakeOfficer), cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["amplification_event.occurred_on"], refusal.WrongFields());
    }

    [Theory]
    [InlineData("partners/../requests/x")]
    [InlineData("partners/%2e%2e/requests/x")]
    [InlineData("partners/a/requests/../../b")]
    [InlineData("partners/a%2Frequests/x")]
    [InlineData("partners/a/requests/x%00")]
    [InlineData("partners//requests/x")]
    [InlineData("partners/a/requests/x'; DROP TABLE requests; --")]
    [InlineData("partners/а/requests/x")] // Cyrillic
    [InlineData("partners/A/requests/x")]
    public async Task Names_with_tricks_in_them_name_nothing(string name)
    {
        var (intake, partner) = await PartnerAsync();

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await partner.GetAsync(name));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{intake.Web}/v1/{name}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Add("x-api-key", partner.ApiKey);
        using var answer = await http.SendAsync(request, Ended);

        Assert.Contains(refusal.StatusCode, new[] { StatusCode.InvalidArgument, StatusCode.NotFound });
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.NotImplemented });
    }

    private static (string Field, Action<SubmitRequestRequest> Spoil) Described(string name) => ("request.subject.description.native_name", message =>
        message.Request.Subject = new SubjectReference { Description = new SubjectDescription { NativeName = name, Script = "Latn" } });

    private async Task<(IntakeServer Intake, TestPartner Partner)> PartnerAsync()
    {
        var intake = await stack.IntakeAsync();
        return (intake, await intake.NewPartnerAsync());
    }

    private static Task<long> StoredAsync(IntakeServer intake, TestPartner partner) => intake.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE 'partners/' || partner_id = $1", partner.Name);

    private static byte[] Replace(byte[] message, byte[] mark)
    {
        var place = message.AsSpan().IndexOf("MARK"u8);
        mark.CopyTo(message.AsSpan(place));
        return message;
    }

    private static async Task<(HttpStatusCode Status, string Answer)> PostAsync(IntakeServer intake, TestPartner partner, byte[] body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{intake.Web}/v1/requests") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("x-api-key", partner.ApiKey);
        using var answer = await http.SendAsync(request, Ended);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Ended));
    }

    private static string? ReasonOf(string answer) => JsonDocument.Parse(answer).RootElement.GetProperty("details")[0].GetProperty("reason").GetString();
}
