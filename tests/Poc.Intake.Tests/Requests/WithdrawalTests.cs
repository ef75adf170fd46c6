using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Testing;

namespace Poc.Intake.Tests.Requests;

public sealed class WithdrawalTests(IntakeStack stack)
{
    [Fact]
    public async Task Takes_a_request_back_and_tells_the_others()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var filed = (await partner.SubmitAsync(Filings.Delist())).Request;
        var message = Filings.Withdraw(filed.Name);

        var answer = await partner.SubmitAsync(message);

        var after = await partner.GetAsync(filed.Name);
        Assert.Equal((Request.Types.State.Withdrawn, "WITHDRAWN_BY_PARTNER", answer.Request.Name), (after.State, after.StateReason, after.StateDetail));
        Assert.Equal((Request.Types.State.Received, filed.Name), (answer.Request.State, answer.Request.Withdraws));
        var done = await partner.GetAsync(answer.Request.Name);
        Assert.Equal((Request.Types.State.Answered, "WITHDRAWAL_DONE", null), (done.State, done.StateReason, done.Answer));
        var others = await stack.OthersAsync();
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<RequestWithdrawn>().Any(heard => heard.Aggregate == filed.Name && heard.By == answer.Request.Name && heard.Version == 1));
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<RequestReceived>().Any(heard => heard.Aggregate == answer.Request.Name && heard.Kind == "WITHDRAW"));

        Assert.Equal(answer, await partner.SubmitAsync(message));
    }

    [Fact]
    public async Task What_is_closed_cannot_be_taken_back_and_the_attempt_leaves_nothing()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var filed = (await partner.SubmitAsync(Filings.Delist())).Request.Name;
        await partner.SubmitAsync(Filings.Withdraw(filed));
        var again = Filings.Withdraw(filed);

        var refusal = await partner.SubmitAsync(again).RefusedAsync(StatusCode.FailedPrecondition, "REQUEST_CLOSED");

        Assert.Equal("WITHDRAWN", refusal.Info().Metadata["state"]);
        Assert.Equal(0, await partner.Server.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE request_id = $1", Guid.Parse(again.RequestId)));
    }

    [Fact]
    public async Task Nobody_takes_back_what_is_anothers_or_not_there()
    {
        var intake = await stack.IntakeAsync();
        var filed = (await (await intake.NewPartnerAsync()).SubmitAsync(Filings.Delist())).Request.Name;
        var other = await intake.NewPartnerAsync();

        await other.SubmitAsync(Filings.Withdraw(filed)).RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");
        await other.SubmitAsync(Filings.Withdraw($"{other.Name}/requests/{Filings.NewId()}")).RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");
    }
}
