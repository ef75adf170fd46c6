using Poc.Contracts.Events.Review.V1;
using Poc.Intake.Consumers;
using Poc.Intake.Requests;
using Poc.Postgres;
using Poc.Testing;
using static Poc.Contracts.Intake.V1.Request.Types;

namespace Poc.Intake.Tests.Consumers;

public sealed class DecisionAnnouncedConsumerTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_every_request_of_the_dossier_and_no_other()
    {
        var others = await stack.OthersAsync();
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var dossier = $"dossiers/{Filings.NewId()}";
        var inside = new[] { await FileAsync(partner), await FileAsync(partner) };
        var elsewhere = await FileAsync(partner);
        var untouched = await FileAsync(partner);
        await others.SayAsync(Judgements.Admissible(inside[0], dossier), Judgements.Admissible(inside[1], dossier), Judgements.Admissible(elsewhere, $"dossiers/{Filings.NewId()}"));
        foreach (var name in (string[])[.. inside, elsewhere])
        {
            await Eventually.BecomesTrueAsync(async () => (await partner.GetAsync(name)).State == State.InDossier);
        }

        var announced = Judgements.Announced(dossier);
        await others.SayAsync(announced);

        foreach (var name in inside)
        {
            await Eventually.BecomesTrueAsync(async () => (await partner.GetAsync(name)).State == State.Answered);
            var answered = await partner.GetAsync(name);
            Assert.Equal((announced.Aggregate, "LABEL_WITHDRAWN", dossier), (answered.Answer.Decision, answered.Answer.Outcome, answered.Dossier));
            Assert.NotNull(answered.Answer.AnsweredAt);
        }

        Assert.Equal((State.InDossier, State.Received), ((await partner.GetAsync(elsewhere)).State, (await partner.GetAsync(untouched)).State));
    }

    [Fact]
    public async Task A_request_whose_admission_comes_after_the_announcement_is_answered_too()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var dossier = $"dossiers/{Filings.NewId()}";
        var name = await FileAsync(partner);
        var announced = Judgements.Announced(dossier, "MAINTAINED");

        await ApplyAsync(partner, announced);
        await partner.Server.Service<Inbox>().ApplyAsync(Judgements.Admissible(name, dossier), nameof(AdmissibilityDecidedConsumer), partner.Server.Service<ApplyAdmissibility>().HandleAsync, Ended);

        var after = await partner.GetAsync(name);
        Assert.Equal((State.Answered, announced.Aggregate, "MAINTAINED"), (after.State, after.Answer.Decision, after.Answer.Outcome));
    }

    [Fact]
    public async Task Admission_and_announcement_at_the_same_moment_leave_nobody_unanswered()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        for (var i = 0; i < 20; i++)
        {
            var dossier = $"dossiers/{Filings.NewId()}";
            var name = await FileAsync(partner);

            await Task.WhenAll(
                ApplyAsync(partner, Judgements.Announced(dossier)),
                partner.Server.Service<Inbox>().ApplyAsync(Judgements.Admissible(name, dossier), nameof(AdmissibilityDecidedConsumer), partner.Server.Service<ApplyAdmissibility>().HandleAsync, Ended));

            Assert.Equal(State.Answered, (await partner.GetAsync(name)).State);
        }
    }

    [Fact]
    public async Task The_first_decision_stays_the_answer()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var dossier = $"dossiers/{Filings.NewId()}";
        var name = await FileAsync(partner);
        await partner.Server.Service<Inbox>().ApplyAsync(Judgements.Admissible(name, dossier), nameof(AdmissibilityDecidedConsumer), partner.Server.Service<ApplyAdmissibility>().HandleAsync, Ended);
        var first = Judgements.Announced(dossier);

        await ApplyAsync(partner, first);
        await ApplyAsync(partner, first);
        await ApplyAsync(partner, Judgements.Announced(dossier, "REDESIGNATED"));

        Assert.Equal(first.Aggregate, (await partner.GetAsync(name)).Answer.Decision);
    }

    private static async Task<string> FileAsync(TestPartner partner) => (await partner.SubmitAsync(Filings.Delist())).Request.Name;

    private static Task ApplyAsync(TestPartner partner, DecisionAnnounced announced) =>
        partner.Server.Service<Inbox>().ApplyAsync(announced, nameof(DecisionAnnouncedConsumer), partner.Server.Service<AnswerRequests>().HandleAsync, Ended);
}
