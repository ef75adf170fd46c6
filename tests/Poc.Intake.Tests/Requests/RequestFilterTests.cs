using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;

namespace Poc.Intake.Tests.Requests;

public sealed class RequestFilterTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "TRUE", 0)]
    [InlineData("  ", "TRUE", 0)]
    [InlineData("kind=DELIST", "((kind = $3))", 1)]
    [InlineData("language = ru AND state != RECEIVED", "((language = $3) AND (state IS DISTINCT FROM $4))", 2)]
    [InlineData("language = ru OR language = uk AND kind = DELIST", "((language = $3 OR language = $4) AND (kind = $5))", 3)]
    [InlineData("NOT (subject = subjects/x OR partner_reference = \"a \\\"b\\\"\")", "((NOT ((COALESCE(confirmed_subject, subject) = $3 OR partner_reference = $4))))", 2)]
    [InlineData("received_at >= \"2021-01-19T00:00:00Z\"", "((received_at >= $3))", 1)]
    public void Becomes_sql_of_its_own_words(string text, string sql, int values)
    {
        var filter = RequestFilter.Parse(text);

        Assert.Equal((sql, values), (filter.ToSql(firstParameter: 3), filter.Values.Count));
    }

    [Theory]
    [InlineData("nobody = 1", 1)]
    [InlineData("kind", 5)]
    [InlineData("kind = DE-LIST", 8)]
    [InlineData("kind = UNSPECIFIED", 8)]
    [InlineData("kind < DELIST", 6)]
    [InlineData("kind = DELIST kind = DELIST", 15)]
    [InlineData("kind = DELIST AND", 18)]
    [InlineData("(kind = DELIST", 15)]
    [InlineData("kind = DELIST)", 14)]
    [InlineData("language = \"ru", 15)]
    [InlineData("received_at > \"2021-01-19\"", 15)]
    [InlineData("received_at > \"2021-01-19T00:00:00\"", 15)]
    [InlineData("language = 'ru'; DROP TABLE requests", 12)]
    public void What_is_not_a_filter_is_refused_with_its_place(string text, int place)
    {
        var refusal = Assert.Throws<RpcError>(() => RequestFilter.Parse(text));

        Assert.Equal((StatusCode.InvalidArgument, "filter"), (refusal.Code, Assert.Single(refusal.FieldViolations).Field));
        Assert.EndsWith($" at character {place}", refusal.FieldViolations[0].Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Length_depth_and_comparisons_are_bounded()
    {
        RequestFilter.Parse(Nested(RequestFilter.MaxDepth - 1));
        RequestFilter.Parse(Joined(RequestFilter.MaxComparisons));

        Assert.Throws<RpcError>(() => RequestFilter.Parse(Nested(RequestFilter.MaxDepth)));
        Assert.Throws<RpcError>(() => RequestFilter.Parse(Joined(RequestFilter.MaxComparisons + 1)));
        Assert.Throws<RpcError>(() => RequestFilter.Parse($"partner_reference = \"{new string('x', RequestFilter.MaxLength)}\""));

        static string Nested(int depth) => new string('(', depth) + "kind = DELIST" + new string(')', depth);
        static string Joined(int count) => string.Join(" AND ", Enumerable.Repeat("language = ru", count));
    }

    [Fact]
    public async Task Selects_on_every_page_and_binds_its_token()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var names = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var message = i % 2 == 0 ? Filings.Delist() : Filings.Full();
            message.Request.PartnerReference = "quote\" and \\ back";
            names.Add((await partner.SubmitAsync(message)).Request.Name);
        }

        var request = new ListRequestsRequest { Filter = "partner_reference = \"quote\\\" and \\\\ back\" AND kind = DELIST AND received_at > \"2021-01-19T00:00:00+03:00\" AND subject = subjects/navalny", PageSize = 2 };
        var first = await ListAsync(partner, request);
        var second = await ListAsync(partner, new ListRequestsRequest(request) { PageToken = first.NextPageToken });

        Assert.Equal([names[4], names[2], names[0]], first.Requests.Concat(second.Requests).Select(static found => found.Name));
        Assert.Equal((3, ""), (first.TotalSize, second.NextPageToken));
        Assert.Equal([names[3], names[1]], (await ListAsync(partner, new() { Filter = "NOT kind = DELIST AND subject != subjects/navalny" })).Requests.Select(static found => found.Name));
        Assert.Equal(0, (await ListAsync(partner, new() { Filter = "state = ANSWERED" })).TotalSize);
        await partner.Server.Client.ListRequestsAsync(new ListRequestsRequest(request) { Filter = "kind = DELIST", PageToken = first.NextPageToken }, partner.Headers, cancellationToken: Ended)
            .RefusedAsync(StatusCode.InvalidArgument, "PAGE_TOKEN_INVALID");
    }

    private static async Task<ListRequestsResponse> ListAsync(TestPartner partner, ListRequestsRequest request) =>
        await partner.Server.Client.ListRequestsAsync(request, partner.Headers, cancellationToken: Ended);
}
