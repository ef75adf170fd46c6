using Grpc.Core;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Panels;

public sealed class TieTests(ReviewStack stack)
{
    [Fact]
    public async Task Who_has_a_tie_on_record_is_not_seated_until_it_is_ended()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var tie = (await RecordAsync(@case, "a2")).Tie;
        Assert.Equal(("staff/a2", "They went to school together.", "staff/approver-a"), (tie.Staff, tie.Reason, tie.RecordedBy));
        var dossier = await @case.AskAsync();

        var refusal = await @case.SeatAsync(dossier, "protocols/v1", "a1", "a2", "a3").RefusedAsync(StatusCode.FailedPrecondition, "PANEL_MEMBER_TIED");
        Assert.Equal("staff/a2", refusal.Info().Metadata["staff"]);

        // Of somebody else, or to somebody else, it says nothing.
        var other = await Case.NewAsync(stack, designated: true);
        await other.SeatAsync(await other.AskAsync(), "protocols/v1", "a1", "a2", "a3");
        await @case.Client.EndTieAsync(new EndTieRequest { RequestId = Some.RequestId(), Name = tie.Name, Reason = "Another person of that name." }, Staff.Approver);
        await @case.Client.EndTieAsync(new EndTieRequest { RequestId = Some.RequestId(), Name = tie.Name, Reason = "Again." }, Staff.Approver).RefusedAsync(StatusCode.FailedPrecondition, "TIE_ENDED");
        Assert.Equal(3, (await @case.SeatAsync(dossier, "protocols/v1", "a1", "a2", "a3")).Dossier.Panel.Count);
        var listed = Assert.Single((await @case.Client.ListTiesAsync(new ListTiesRequest { Parent = @case.Subject }, Staff.Auditor)).Ties);
        Assert.Equal((tie.Name, "Another person of that name.", true), (listed.Name, listed.EndReason, listed.EndedAt is not null));
    }

    [Fact]
    public async Task Who_sits_already_steps_back_by_it_and_may_be_the_last_that_was_waited_for()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3", "a4")).Dossier.Name;
        await @case.VoteAsync(dossier, "a4", Choice.Against);
        Assert.Equal([dossier], (await RecordAsync(@case, "a4")).SteppedBack);
        await @case.VoteAsync(dossier, "a1", Choice.For);
        await @case.VoteAsync(dossier, "a2", Choice.For);
        Assert.True((await @case.VoteAsync(dossier, "a3", Choice.For)).Opened);

        var ballots = await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier }, Staff.Auditor);
        Assert.Equal(new Tally { ForCount = 3, EligibleCount = 3 }, ballots.Tally);
        // What is open stays as it was counted.
        Assert.Empty((await RecordAsync(@case, "a1")).SteppedBack);
        Assert.Equal(ballots.Tally, (await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier }, Staff.Auditor)).Tally);
    }

    [Fact]
    public async Task Seating_and_recording_at_once_never_leave_somebody_with_a_tie_on_the_panel()
    {
        for (var round = 0; round < 10; round++)
        {
            var @case = await Case.NewAsync(stack, designated: true);
            var dossier = await @case.AskAsync();
            var seating = SeatedAsync(@case, dossier);
            var recording = RecordAsync(@case, "a2");
            await Task.WhenAll(seating, recording);

            var member = (await @case.DossierAsync(dossier.Name)).Panel.SingleOrDefault(static one => one.Staff == "staff/a2");
            Assert.True(member is null || member.Conflict.Length > 0, $"round {round}");
            Assert.Equal(await seating, member is not null);
            Assert.Equal(member is null ? [] : [dossier.Name], (await recording).SteppedBack);
        }
    }

    [Fact]
    public async Task Refuses_what_is_no_tie()
    {
        var @case = await Case.NewAsync(stack);
        var empty = await @case.Client.RecordTieAsync(new RecordTieRequest { RequestId = Some.RequestId(), Parent = @case.Subject, Tie = new Tie { Staff = "a2" } }, Staff.Approver)
            .RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        Assert.Equal(["tie.staff", "tie.reason"], empty.WrongFields());
        await @case.Client.RecordTieAsync(new RecordTieRequest { RequestId = Some.RequestId(), Parent = "subjects/nobody-at-all", Tie = new Tie { Staff = "staff/a2", Reason = "r" } }, Staff.Approver)
            .RefusedAsync(StatusCode.NotFound, "SUBJECT_NOT_FOUND");
        await @case.Client.EndTieAsync(new EndTieRequest { RequestId = Some.RequestId(), Name = $"{@case.Subject}/ties/none", Reason = "r" }, Staff.Approver).RefusedAsync(StatusCode.NotFound, "TIE_NOT_FOUND");
    }

    private static async Task<bool> SeatedAsync(Case @case, Dossier dossier)
    {
        try
        {
            await @case.SeatAsync(dossier, "protocols/v1", "a1", "a2", "a3");
            return true;
        }
        catch (RpcException refusal) when (refusal.StatusCode == StatusCode.FailedPrecondition)
        {
            return false;
        }
    }

    private static async Task<RecordTieResponse> RecordAsync(Case @case, string member) => await @case.Client.RecordTieAsync(
        new RecordTieRequest { RequestId = Some.RequestId(), Parent = @case.Subject, Tie = new Tie { Staff = $"staff/{member}", Reason = "They went to school together." } }, Staff.Approver);
}
