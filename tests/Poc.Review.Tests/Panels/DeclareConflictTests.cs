using Grpc.Core;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Panels;

public sealed class DeclareConflictTests(ReviewStack stack)
{
    [Fact]
    public async Task The_quorum_no_longer_counts_who_stepped_back_and_their_vote_is_not_counted()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3", "a4")).Dossier.Name;
        await @case.VoteAsync(dossier, "a1", Choice.Against);
        await @case.VoteAsync(dossier, "a2", Choice.For);
        await @case.VoteAsync(dossier, "a3", Choice.For);
        await StepBack(@case, dossier, "a1");
        Assert.Equal(Dossier.Types.State.Voting, (await @case.DossierAsync(dossier)).State);
        await @case.VoteAsync(dossier, "a1", Choice.For).RefusedAsync(StatusCode.AlreadyExists, "BALLOT_ALREADY_CAST");
        await StepBack(@case, dossier, "a1").RefusedAsync(StatusCode.PermissionDenied, "NOT_ON_PANEL");
        Assert.True((await @case.VoteAsync(dossier, "a4", Choice.For)).Opened);
        var ballots = await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier }, Staff.Auditor);
        Assert.Equal(new Tally { ForCount = 3, EligibleCount = 3 }, ballots.Tally);
        Assert.DoesNotContain(ballots.Ballots, static ballot => ballot.Reviewer == "staff/a1");
    }

    [Fact]
    public async Task The_last_one_outstanding_opens_the_ballots_by_stepping_back()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3", "a4")).Dossier.Name;
        foreach (var member in (string[])["a1", "a2", "a3"])
        {
            Assert.False((await @case.VoteAsync(dossier, member, Choice.For)).Opened);
        }

        Assert.Equal(Dossier.Types.State.BallotsOpen, (await StepBack(@case, dossier, "a4")).Dossier.State);
    }

    [Fact]
    public async Task Below_the_quorum_nothing_opens()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier.Name;
        await @case.VoteAsync(dossier, "a1", Choice.For);
        await @case.VoteAsync(dossier, "a2", Choice.For);
        Assert.Equal(Dossier.Types.State.Voting, (await StepBack(@case, dossier, "a3")).Dossier.State);
    }

    private static AsyncUnaryCall<DeclareConflictResponse> StepBack(Case @case, string dossier, string member) =>
        @case.Client.DeclareConflictAsync(new DeclareConflictRequest { RequestId = Some.RequestId(), Dossier = dossier, Reason = "A tie." },
            Staff.Reviewer(member));
}
