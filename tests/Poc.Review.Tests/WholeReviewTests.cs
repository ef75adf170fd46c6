using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests;

/// <summary>The reference story inside Review: withdrawn under version 1 with a dissent, appealed to another panel under version 2, given again.</summary>
public sealed class WholeReviewTests(ReviewStack stack)
{
    [Fact]
    public async Task A_label_is_withdrawn_with_a_dissent_and_given_again_on_appeal_while_the_mandate_stands()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        await @case.Client.DecideMandateAsync(
            new DecideMandateRequest
            {
                RequestId = Some.RequestId(),
                Parent = @case.Subject,
                Mandate = new Mandate { Aim = "release", InForce = true, EffectiveOn = "2021-01-17", Reason = "He is a prisoner." }
            },
            Staff.Approver);

        var first = await WithdrawAsync(@case);
        Assert.Equal(DesignationState.LabelWithdrawn, (await @case.SubjectAsync()).Episodes[0].DesignationState);
        Assert.Equal([DesignationState.Proposed, DesignationState.Designated], await @case.SaidAsync()); // embargo: neither the decision nor that a panel sat
        await @case.PublishAsync(first, leakMode: true);
        Assert.Equal(DesignationState.LabelWithdrawn, (await @case.EntryAsync()).Entry.Episodes[0].DesignationState);

        var second = await AppealAsync(@case, first);
        Assert.Equal(DesignationState.LabelWithdrawn, (await @case.EntryAsync()).Entry.Episodes[0].DesignationState);
        Assert.False((await @case.PublishAsync(second)).LeakMode);
        var episode = (await @case.EntryAsync()).Entry.Episodes[0];
        Assert.Equal((DesignationState.Designated, "Redesignated"), (episode.DesignationState, episode.History[^1].Label));
        Assert.Equal(
            [
                DesignationState.Proposed, DesignationState.Designated, DesignationState.UnderReconsideration, DesignationState.LabelWithdrawn,
                    DesignationState.UnderReconsideration,
                DesignationState.Designated,
            ],
            await @case.SaidAsync());
        Assert.Equal(["release"], (await @case.EntryAsync()).Entry.Mandates.Select(static mandate => mandate.Aim));
        Assert.Single((await @case.SubjectAsync()).Mandates);
        await PrecedentsNameBothAsync(@case, first, second);
    }

    private static async Task<Decision> WithdrawAsync(Case @case)
    {
        var dossier = await @case.VotedToDelistAsync();
        await @case.Client.RecordDissentAsync(new RecordDissentRequest
        {
            RequestId = Some.RequestId(),
            Dossier = dossier.Name,
            Text = "Words of 2007 alone should not decide.",
            PublishName = false
        }, Staff.Reviewer("a5"));
        await @case.Client.RecordConcernAsync(new RecordConcernRequest
        {
            RequestId = Some.RequestId(),
            Dossier = dossier.Name,
            Text = "I am uneasy.",
            Anonymous = true
        }, Staff.Auditor);
        dossier = await @case.DossierAsync(dossier.Name);
        Assert.Equal("", Assert.Single(dossier.Concerns).Author);

        var signed = await @case.SignedAsync((await @case.DraftAsync(dossier, @case.Draft())).Decision);
        Assert.Equal((Outcome.LabelWithdrawn, Publicity.Embargoed, "protocols/v1", "2021-02-23"),
            (signed.Outcome, signed.Publicity, signed.Protocol, signed.EffectiveOn));
        Assert.Equal(new Tally { ForCount = 4, AgainstCount = 1, EligibleCount = 5 }, signed.Tally);
        Assert.Equal(("", "Words of 2007 alone should not decide."), (signed.Dissents[0].Author, signed.Dissents[0].Text));
        Assert.Equal(["staff/chair-a panel-chair", "staff/approver-a approver"],
            signed.Signatures.Select(static signature => $"{signature.Staff} {signature.Role}"));
        Assert.Equal(32, signed.ContentSha256.Length);
        var told = await @case.Stack.Others.HeardAsync<DecisionSigned>(signed.Name);
        Assert.Equal(("LABEL_WITHDRAWN", "protocols/v1", null, Convert.ToHexStringLower(signed.ContentSha256.Span)),
            (told.Outcome, told.Protocol, told.Corrects, told.ContentSha256));
        Assert.Equal(["COUNSEL_AND_FAMILY", "SECTIONS"], told.MandatoryAudiences);
        return signed;
    }

    private static async Task<Decision> AppealAsync(Case @case, Decision first)
    {
        var appeal = (await @case.Client.FileAppealAsync(
            new FileAppealRequest
            {
                RequestId = Some.RequestId(),
                Decision = first.Name,
                Appellant = "counsel",
                Grounds = "Neither age nor conduct was weighed.",
                Criteria = { "time-and-change" }
            },
            Staff.Officer)).Dossier;
        Assert.Equal((first.Name, "counsel"), (appeal.Appeals, appeal.Appeal.Appellant));
        await @case.Stack.Others.HeardAsync<AppealFiled>(appeal.Name);

        var voted = await @case.VotedAsync(
            await @case.ReplyAsync(await @case.AttachAsync(appeal, [.. @case.Statements])), "protocols/v2",
            ("b1", Choice.For), ("b2", Choice.For), ("b3", Choice.For), ("b4", Choice.Abstain), ("b5", Choice.Against));
        var draft = @case.Draft();
        draft.EffectiveOn = "2021-05-07";
        draft.Precedents.Add(new PrecedentComparison { Precedent = first.Name, Departs = true, Because = "Version 2 asks for time and change." });
        var signed = await @case.SignedAsync((await @case.DraftAsync(voted, draft, Staff.OtherChair)).Decision, Staff.OtherChair, Staff.OtherApprover);
        Assert.Equal((Outcome.Redesignated, "protocols/v2", first.Name), (signed.Outcome, signed.Protocol, signed.Corrects));
        Assert.Equal(first.Name, (await @case.Stack.Others.HeardAsync<DecisionSigned>(signed.Name)).Corrects);
        return signed;
    }

    private static async Task PrecedentsNameBothAsync(Case @case, Decision first, Decision second)
    {
        var precedents = (await @case.Client.ListPrecedentsAsync(new ListPrecedentsRequest(), Staff.Auditor)).Precedents.Where(entry => entry.Name == first.Name
            || entry.Name == second.Name).ToList();
        Assert.Equal([Outcome.LabelWithdrawn, Outcome.Redesignated], precedents.Select(static precedent => precedent.Outcome));
        Assert.Equal(["advocacy-of-violence"], precedents[0].Criteria);
        Assert.Equal(["time-and-change"], precedents[1].Criteria);
    }
}
