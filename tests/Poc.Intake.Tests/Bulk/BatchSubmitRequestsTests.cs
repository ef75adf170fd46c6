using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Intake.Tests.Attachments;

namespace Poc.Intake.Tests.Bulk;

public sealed class BatchSubmitRequestsTests(IntakeStack stack)
{
    private const string Count = "SELECT count(*) FROM requests WHERE partner_id = $1";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_all_of_them_with_what_belongs_to_each_and_answers_a_repetition_the_same()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var earlier = (await partner.SubmitAsync(Filings.Delist())).Request.Name;
        var message = new BatchSubmitRequestsRequest { Requests = { Filings.Delist(), Filings.Full("subjects/navalny/statements/s1"), Filings.Withdraw(earlier) } };
        message.Requests[0].Request.Attachments.Add((await partner.AttachAsync(Upload.Pdf(100))).Name);

        var answer = await SubmitAsync(partner, message);

        Assert.Equal(message.Requests.Select(static request => request.RequestId), answer.Responses.Select(static response => response.Receipt.RequestId));
        Assert.Equal(Request.Types.State.Withdrawn, (await partner.GetAsync(earlier)).State);
        Assert.Single((await partner.GetAsync(answer.Responses[0].Request.Name)).Attachments);
        Assert.Equal(answer, await SubmitAsync(partner, message));
        Assert.Equal(answer.Responses[1], await partner.SubmitAsync(message.Requests[1]));
    }

    [Fact]
    public async Task One_that_cannot_be_filed_takes_all_others_with_it()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var reused = Filings.Delist();
        await partner.SubmitAsync(reused);
        reused.Request.Text = "Other words.";

        await SubmitAsync(partner, new() { Requests = { Filings.Delist(), reused } }).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        await SubmitAsync(partner, new() { Requests = { Filings.Delist(), Filings.Withdraw($"{partner.Name}/requests/{Filings.NewId()}") } }).RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");
        await SubmitAsync(partner, new() { Requests = { Filings.Delist(), Filings.Full("subjects/x/statements/y") } }).RefusedAsync(StatusCode.NotFound, "CITED_STATEMENT_UNKNOWN");

        Assert.Equal(1, await partner.Server.Database.ScalarAsync<long>(Count, partner.Name["partners/".Length..]));
    }

    [Fact]
    public async Task Wrong_fields_are_named_with_their_place()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var message = new BatchSubmitRequestsRequest { Requests = { Filings.Delist(), Filings.Delist(), new SubmitRequestRequest { RequestId = Filings.NewId() } } };
        message.Requests[1].Request.Text = " ";
        message.Requests[1].RequestId = message.Requests[0].RequestId;

        var refusal = await SubmitAsync(partner, message).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["requests[1].request.text", "requests[1].request_id", "requests[2].request"], refusal.WrongFields());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task A_batch_has_one_to_a_hundred(int count)
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();

        var refusal = await SubmitAsync(partner, new() { Requests = { Enumerable.Range(0, count).Select(static _ => Filings.Delist()) } }).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["requests"], refusal.WrongFields());
    }

    private static async Task<BatchSubmitRequestsResponse> SubmitAsync(TestPartner partner, BatchSubmitRequestsRequest message) =>
        await partner.Server.Bulk.BatchSubmitRequestsAsync(message, partner.Headers, cancellationToken: Ended);
}
