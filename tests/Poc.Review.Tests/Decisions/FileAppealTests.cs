using Grpc.Core;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Decisions;

public sealed class FileAppealTests(ReviewStack stack)
{
    [Fact]
    public async Task Is_against_a_signed_decision_by_who_has_standing_one_at_a_time()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var draft = (await @case.DraftAsync(await @case.VotedToDelistAsync(), @case.Draft())).Decision;
        await File(@case, draft, "counsel").RefusedAsync(StatusCode.FailedPrecondition, "DECISION_NOT_SIGNED");
        var signed = await @case.SignedAsync(draft);
        await File(@case, signed, "third-party").RefusedAsync(StatusCode.FailedPrecondition, "NO_STANDING"); // version 1 gives none
        Assert.Equal(["appellant"], (await File(@case, signed, "passer-by").RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());

        var filed = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            try
            {
                return (await File(@case, signed, "counsel")).Dossier.Name;
            }
            catch (RpcException pending) when (pending.Info().Reason == "APPEAL_PENDING")
            {
                return null;
            }
        }));
        var appeal = Assert.Single(filed, static name => name is not null)!;
        Assert.Equal(appeal, (await File(@case, signed, "subject").RefusedAsync(StatusCode.FailedPrecondition, "APPEAL_PENDING")).Info().Metadata["dossier"]);
    }

    [Fact]
    public async Task Closing_the_designation_does_not_close_the_appeal()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var signed = await @case.WithdrawnAsync();
        var appeal = (await File(@case, signed, "counsel")).Dossier;
        await @case.Client.EndDesignationAsync(
            new EndDesignationRequest
            {
                RequestId = Some.RequestId(),
                Episode = @case.Episode,
                State = DesignationState.Closed,
                EffectiveOn = "2024-02-16",
                Reason = "Died."
            }, Staff.Approver);
        var voted = await @case.VotedAsync(await @case.ReplyAsync(appeal), "protocols/v2", ("b1", Choice.For), ("b2", Choice.For), ("b3", Choice.For));
        var decided = await @case.SignedAsync((await @case.DraftAsync(voted, Some.Draft(), Staff.OtherChair)).Decision, Staff.OtherChair, Staff.OtherApprover);
        Assert.Equal((Outcome.Redesignated, signed.Name), (decided.Outcome, decided.Corrects));
        Assert.Equal(DesignationState.Closed, (await @case.SubjectAsync()).Episodes[0].DesignationState);
    }

    private static AsyncUnaryCall<FileAppealResponse> File(Case @case, Decision decision, string appellant) => @case.Client.FileAppealAsync(
        new FileAppealRequest { RequestId = Some.RequestId(), Decision = decision.Name, Appellant = appellant, Grounds = "Time was not weighed." },
            Staff.Officer);
}
