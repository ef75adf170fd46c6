using Grpc.Core;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Panels;

public sealed class ReplaceMemberTests(ReviewStack stack)
{
    [Fact]
    public async Task A_panel_below_its_quorum_goes_on_with_a_successor_who_has_the_whole_term()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var seated = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier;
        await @case.VoteAsync(seated.Name, "a1", Choice.For);
        await @case.VoteAsync(seated.Name, "a3", Choice.Against);
        await StepBackAsync(@case, seated.Name, "a3");
        await @case.VoteAsync(seated.Name, "a2", Choice.For);

        var replaced = (await ReplaceAsync(@case, await @case.DossierAsync(seated.Name), "a3", "a4")).Dossier;
        Assert.Equal(("staff/a3", false), (replaced.Panel[3].Replaces, replaced.Panel[3].Voted));
        Assert.True(replaced.VotingEndsAt.ToDateTimeOffset() > seated.VotingEndsAt.ToDateTimeOffset());
        var told = await ToldAsync(@case, seated.Name, version: 2);
        Assert.Equal(["staff/a4"], told.Members);
        Assert.Equal(replaced.VotingEndsAt.ToDateTimeOffset(), told.VotingEndsAt);

        Assert.True((await @case.VoteAsync(seated.Name, "a4", Choice.For)).Opened);
        var ballots = await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = seated.Name }, Staff.Auditor);
        Assert.Equal(new Tally { ForCount = 3, EligibleCount = 3 }, ballots.Tally); // what the leaver voted is not among them
        var late = await ReplaceAsync(@case, await @case.DossierAsync(seated.Name), "a3", "a5").RefusedAsync(StatusCode.FailedPrecondition, "ILLEGAL_TRANSITION");
        Assert.Equal("ReplaceMember", late.Info().Metadata["wanted"]);
    }

    [Fact]
    public async Task A_seat_is_given_on_once_and_only_where_somebody_stepped_back()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier;
        foreach (var occupied in (string[])["a1", "outsider"])
        {
            var refusal = await ReplaceAsync(@case, dossier, occupied, "a4").RefusedAsync(StatusCode.FailedPrecondition, "SEAT_NOT_VACANT");
            Assert.Equal($"staff/{occupied}", refusal.Info().Metadata["staff"]);
        }

        await StepBackAsync(@case, dossier.Name, "a1");
        await ReplaceAsync(@case, dossier, "a1", "a4").RefusedAsync(StatusCode.Aborted, "ETAG_MISMATCH");
        dossier = await @case.DossierAsync(dossier.Name);
        foreach (var there in (string[])["a1", "a2"])
        {
            await ReplaceAsync(@case, dossier, "a1", there).RefusedAsync(StatusCode.FailedPrecondition, "ALREADY_ON_PANEL");
        }

        dossier = (await ReplaceAsync(@case, dossier, "a1", "a4")).Dossier;
        await ReplaceAsync(@case, dossier, "a1", "a5").RefusedAsync(StatusCode.FailedPrecondition, "SEAT_NOT_VACANT");

        // The successor may step back too; their seat is one of its own.
        await StepBackAsync(@case, dossier.Name, "a4");
        dossier = (await ReplaceAsync(@case, await @case.DossierAsync(dossier.Name), "a4", "a5")).Dossier;
        Assert.Equal(["", "", "", "staff/a1", "staff/a4"], dossier.Panel.Select(static member => member.Replaces));
        Assert.Equal(3, (await ToldAsync(@case, dossier.Name, version: 3)).Version);
    }

    [Fact]
    public async Task A_successor_is_held_to_the_checks_of_the_seating()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        await @case.Client.RecordTieAsync(
            new RecordTieRequest { RequestId = Some.RequestId(), Parent = @case.Subject, Tie = new Tie { Staff = "staff/a9", Reason = "A cousin." } }, Staff.Approver);
        var decided = await @case.WithdrawnAsync();
        var appeal = (await @case.Client.FileAppealAsync(new FileAppealRequest { RequestId = Some.RequestId(), Decision = decided.Name, Appellant = "subject", Grounds = "Time." }, Staff.Officer)).Dossier;
        await @case.SeatAsync(appeal, "protocols/v2", "b1", "b2", "b3");
        await StepBackAsync(@case, appeal.Name, "b1");
        var seated = await @case.DossierAsync(appeal.Name);

        await ReplaceAsync(@case, seated, "b1", "a9").RefusedAsync(StatusCode.FailedPrecondition, "PANEL_MEMBER_TIED");
        foreach (var former in (string[])["a1", "a5", "chair-a", "approver-a"])
        {
            await ReplaceAsync(@case, seated, "b1", former).RefusedAsync(StatusCode.FailedPrecondition, "PANEL_MEMBER_CONFLICTED");
        }

        Assert.Equal(4, (await ReplaceAsync(@case, seated, "b1", "b4")).Dossier.Panel.Count);
    }

    [Fact]
    public async Task Of_two_chairs_at_once_one_fills_the_seat()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var name = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier.Name;
        await StepBackAsync(@case, name, "a1");
        var dossier = await @case.DossierAsync(name);
        var outcomes = await Task.WhenAll(Enumerable.Range(4, 8).Select(async number =>
        {
            try
            {
                await ReplaceAsync(@case, dossier, "a1", $"a{number}");
                return StatusCode.OK;
            }
            catch (RpcException refusal)
            {
                return refusal.StatusCode;
            }
        }));
        Assert.Single(outcomes, StatusCode.OK);
        Assert.Equal(7, outcomes.Count(static code => code == StatusCode.Aborted));
        Assert.Equal(4, (await @case.DossierAsync(name)).Panel.Count);
    }

    [Fact]
    public async Task Refuses_what_names_nobody()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var refusal = await @case.Client.ReplaceMemberAsync(new ReplaceMemberRequest { RequestId = Some.RequestId(), Dossier = "dossiers/x", Member = "a1" }, Staff.Chair)
            .RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        Assert.Equal(["member", "successor", "etag"], refusal.WrongFields());
    }

    private static async Task<PanelSeated> ToldAsync(Case @case, string dossier, long version)
    {
        await Testing.Eventually.BecomesTrueAsync(() => @case.Stack.Others.Heard.OfType<PanelSeated>().Any(told => told.Aggregate == dossier && told.Version == version));
        return @case.Stack.Others.Heard.OfType<PanelSeated>().First(told => told.Aggregate == dossier && told.Version == version);
    }

    private static async Task StepBackAsync(Case @case, string dossier, string member) => await @case.Client.DeclareConflictAsync(
        new DeclareConflictRequest { RequestId = Some.RequestId(), Dossier = dossier, Reason = "A tie." }, Staff.Reviewer(member));

    private static AsyncUnaryCall<ReplaceMemberResponse> ReplaceAsync(Case @case, Dossier dossier, string member, string successor) => @case.Client.ReplaceMemberAsync(
        new ReplaceMemberRequest { RequestId = Some.RequestId(), Dossier = dossier.Name, Member = $"staff/{member}", Successor = $"staff/{successor}", Etag = dossier.Etag }, Staff.Chair);
}
