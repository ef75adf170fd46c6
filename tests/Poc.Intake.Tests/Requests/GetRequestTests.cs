using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Intake.Tests.Requests;

public sealed class GetRequestTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_partners_request_is_as_unknown_as_one_that_is_not_there()
    {
        var intake = await stack.IntakeAsync();
        var owner = await intake.NewPartnerAsync();
        var other = await intake.NewPartnerAsync();
        var filed = (await owner.SubmitAsync(Filings.Delist())).Request;
        var unknown = $"{other.Name}/requests/{Filings.NewId()}";

        var foreign = await intake.Client.GetRequestAsync(new GetRequestRequest { Name = filed.Name }, other.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");
        var missing = await intake.Client.GetRequestAsync(new GetRequestRequest { Name = unknown }, other.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");
        await intake.Client.GetReceiptAsync(new GetReceiptRequest { Name = $"{filed.Name}/receipt" }, other.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");
        using var watch = intake.Client.WatchRequest(new WatchRequestRequest { Name = filed.Name }, other.Headers, cancellationToken: Ended);
        await watch.ResponseStream.MoveNext(Ended).RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");

        Assert.Equal(foreign.Status.Detail.Replace(filed.Name, "", StringComparison.Ordinal), missing.Status.Detail.Replace(unknown, "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_with_another_partner_in_it_does_not_find_the_request()
    {
        var intake = await stack.IntakeAsync();
        var owner = await intake.NewPartnerAsync();
        var other = await intake.NewPartnerAsync();
        var filed = (await owner.SubmitAsync(Filings.Delist())).Request;

        var disguised = filed.Name.Replace(owner.Name, other.Name, StringComparison.Ordinal);

        await intake.Client.GetRequestAsync(new GetRequestRequest { Name = disguised }, other.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");
    }

    [Theory]
    [InlineData("")]
    [InlineData("partners/a")]
    [InlineData("partners/a/requests/1")]
    [InlineData("partners/a/requests/01A20584-518B-7D5A-9037-9C2E49C55521")]
    [InlineData("partners/a/requests/01a20584-518b-7d5a-9037-9c2e49c55521/receipt")]
    public async Task A_name_that_cannot_be_one_is_a_wrong_field(string name)
    {
        var intake = await stack.IntakeAsync();

        var refusal = await intake.Client.GetRequestAsync(new GetRequestRequest { Name = name }, IntakeServer.Staff(Roles.Reviewer), cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["name"], refusal.WrongFields());
    }

    [Theory]
    [InlineData(Roles.IntakeOfficer)]
    [InlineData(Roles.Reviewer)]
    public async Task Intake_officers_and_reviewers_read_any(string role)
    {
        var intake = await stack.IntakeAsync();
        var filed = (await (await intake.NewPartnerAsync()).SubmitAsync(Filings.Delist())).Request;

        Assert.Equal(filed, (await intake.Client.GetRequestAsync(new GetRequestRequest { Name = filed.Name }, IntakeServer.Staff(role), cancellationToken: Ended)).Request);
    }

    [Fact]
    public async Task The_receipt_is_the_one_that_was_given()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var answer = await partner.SubmitAsync(Filings.Delist());

        var receipt = await partner.Server.Client.GetReceiptAsync(new GetReceiptRequest { Name = answer.Receipt.Name }, partner.Headers, cancellationToken: Ended);

        Assert.Equal(answer.Receipt, receipt.Receipt);
    }
}
