using Poc.Bus;
using Poc.Contracts.Events.Review.V1;
using Poc.Intake.Consumers;
using Poc.Intake.Requests;
using Poc.Postgres;
using Poc.Testing;
using static Poc.Contracts.Intake.V1.Request.Types;

namespace Poc.Intake.Tests.Consumers;

public sealed class AdmissibilityDecidedConsumerTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_inadmissible_request_says_why()
    {
        var (partner, request) = await FiledAsync();

        await (await stack.OthersAsync()).SayAsync(Judgements.Inadmissible(request, "ADDRESSES_NO_CRITERION", "It addresses no criterion of the protocol."));

        await Eventually.BecomesTrueAsync(async () => (await partner.GetAsync(request)).State == State.Inadmissible);
        var after = await partner.GetAsync(request);
        Assert.Equal(("ADDRESSES_NO_CRITERION", "It addresses no criterion of the protocol.", ""), (after.StateReason, after.StateDetail, after.Dossier));
    }

    [Fact]
    public async Task A_repeated_event_changes_nothing()
    {
        var (partner, request) = await FiledAsync();
        var decided = Judgements.Admissible(request, $"dossiers/{Filings.NewId()}");
        var inbox = partner.Server.Service<Inbox>();
        var slice = partner.Server.Service<ApplyAdmissibility>();

        for (var i = 0; i < 3; i++)
        {
            await inbox.ApplyAsync(decided, nameof(AdmissibilityDecidedConsumer), slice.HandleAsync, Ended);
        }

        Assert.Equal([State.Received, State.Admissible, State.InDossier], await HistoryAsync(partner, request));
    }

    [Fact]
    public async Task What_cannot_follow_is_refused_and_leaves_no_trace()
    {
        var (partner, request) = await FiledAsync();
        await ApplyAsync(partner, Judgements.Inadmissible(request, "REPEAT", "Nothing new."));

        await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(partner, Judgements.Admissible(request, "dossiers/1") with { Version = 2 }));

        Assert.Equal([State.Received, State.Inadmissible], await HistoryAsync(partner, request));
    }

    [Fact]
    public async Task A_request_that_is_not_there_is_refused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await ApplyAsync(await (await stack.IntakeAsync()).NewPartnerAsync(), Judgements.Admissible($"partners/x/requests/{Filings.NewId()}", "dossiers/1")));

    [Fact]
    public async Task A_judgement_that_comes_after_the_withdrawal_changes_nothing()
    {
        var (partner, request) = await FiledAsync();
        await partner.SubmitAsync(Filings.Withdraw(request));

        await ApplyAsync(partner, Judgements.Admissible(request, $"dossiers/{Filings.NewId()}"));

        Assert.Equal([State.Received, State.Withdrawn], await HistoryAsync(partner, request));
    }

    [Fact]
    public async Task A_judgement_that_no_retry_can_apply_ends_in_the_error_queue()
    {
        var others = await stack.OthersAsync();
        var intake = await stack.IntakeAsync();
        var unknown = Judgements.Admissible($"partners/nobody/requests/{Filings.NewId()}", "dossiers/1");

        await others.SayAsync(unknown);

        var letters = intake.Service<DeadLetters>();
        await Eventually.BecomesTrueAsync(
            async () => (await letters.PeekAsync("intake-admissibility-decided_error", 100, Ended)).Any(letter => letter.MessageId == unknown.EventId.ToString()), TimeSpan.FromSeconds(60));
    }

    private static Task ApplyAsync(TestPartner partner, AdmissibilityDecided decided) =>
        partner.Server.Service<Inbox>().ApplyAsync(decided, nameof(AdmissibilityDecidedConsumer), partner.Server.Service<ApplyAdmissibility>().HandleAsync, Ended);

    private async Task<(TestPartner Partner, string Request)> FiledAsync()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        return (partner, (await partner.SubmitAsync(Filings.Delist())).Request.Name);
    }

    private static async Task<IReadOnlyList<State>> HistoryAsync(TestPartner partner, string request)
    {
        var states = await partner.Server.Database.Database.ReadAsync(
            tx => tx.QueryAsync("SELECT state FROM request_states WHERE request = $1 ORDER BY sequence", static row => EnumText<State>.Parse(row.GetString(0)), Guid.Parse(request.Split('/')[^1])), Ended);
        Assert.Equal(states[^1], (await partner.GetAsync(request)).State);
        return states;
    }
}
