using Grpc.Core;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Panels;

public sealed class SeatPanelTests(ReviewStack stack)
{
    [Fact]
    public async Task Binds_the_protocol_starts_the_term_and_leaves_the_label_in_the_register()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var seated = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier;
        Assert.Equal((Dossier.Types.State.Voting, "protocols/v1"), (seated.State, seated.Protocol));
        var told = await @case.Stack.Others.HeardAsync<PanelSeated>(seated.Name);
        Assert.Equal(["staff/a1", "staff/a2", "staff/a3"], told.Members);
        Assert.Equal(TimeSpan.FromDays(14), told.VotingEndsAt - told.OccurredAt);
        Assert.Equal(DesignationState.UnderReconsideration, (await @case.SubjectAsync()).Episodes[0].DesignationState);
        Assert.Equal(DesignationState.Designated, (await @case.EntryAsync()).Entry.Episodes[0].DesignationState);
    }

    [Fact]
    public async Task Refuses_a_panel_that_is_too_small_an_unknown_protocol_and_a_member_named_twice()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.AskAsync();
        Assert.Equal("3", (await @case.SeatAsync(dossier, "protocols/v1", "a1", "a2").RefusedAsync(StatusCode.FailedPrecondition,
            "PANEL_TOO_SMALL")).Info().Metadata["minimum"]);
        await @case.SeatAsync(dossier, "protocols/v9", "a1", "a2", "a3").RefusedAsync(StatusCode.NotFound, "PROTOCOL_NOT_FOUND");
        Assert.Equal(["members"], (await @case.SeatAsync(dossier, "protocols/v1", "a1", "a2", "a1").RefusedAsync(StatusCode.InvalidArgument,
            "FIELD_INVALID")).WrongFields());
    }

    [Fact]
    public async Task A_question_that_the_designation_does_not_allow_seats_no_panel()
    {
        var @case = await Case.NewAsync(stack); // Proposed: there is no label to take away
        var refusal = await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3").RefusedAsync(StatusCode.FailedPrecondition,
            "ILLEGAL_TRANSITION");
        Assert.Equal(("PROPOSED", "UNDER_ASSESSMENT,RENOUNCED,CLOSED"), (refusal.Info().Metadata["state"], refusal.Info().Metadata["legal"]));
    }

    [Theory]
    [InlineData("a5")] // voted against what is appealed, and decided all the same
    [InlineData("chair-a")] // drafted and signed it
    [InlineData("approver-a")] // signed it
    public async Task Who_took_part_in_what_is_appealed_does_not_judge_the_appeal(string former)
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var appeal = await AppealAsync(@case, await @case.WithdrawnAsync());
        var refusal = await @case.SeatAsync(appeal, "protocols/v2", "b1", "b2", former).RefusedAsync(StatusCode.FailedPrecondition, "PANEL_MEMBER_CONFLICTED");
        Assert.Equal($"staff/{former}", refusal.Info().Metadata["staff"]);
        Assert.Equal(Dossier.Types.State.Voting, (await @case.SeatAsync(appeal, "protocols/v2", "b1", "b2", "b3")).Dossier.State);
    }

    [Fact]
    public async Task Who_took_part_neither_drafts_nor_signs_the_decision_on_the_appeal()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var appeal = await @case.ReplyAsync(await AppealAsync(@case, await @case.WithdrawnAsync()));
        var voted = await @case.VotedAsync(appeal, "protocols/v2", ("b1", Choice.For), ("b2", Choice.For), ("b3", Choice.For));
        await @case.DraftAsync(voted, @case.Draft(), Staff.Chair).RefusedAsync(StatusCode.FailedPrecondition, "DECIDED_BEFORE");
        var draft = (await @case.DraftAsync(voted, @case.Draft(), Staff.OtherChair)).Decision;
        await @case.SignAsync(draft, Staff.Approver).RefusedAsync(StatusCode.FailedPrecondition, "DECIDED_BEFORE");
    }

    private static async Task<Dossier> AppealAsync(Case @case, Decision decision) =>
        (await @case.Client.FileAppealAsync(new FileAppealRequest
        {
            RequestId = Some.RequestId(),
            Decision = decision.Name,
            Appellant = "subject",
            Grounds = "Time."
        }, Staff.Officer)).Dossier;
}
