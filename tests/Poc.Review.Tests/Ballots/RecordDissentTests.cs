using Grpc.Core;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Ballots;

public sealed class RecordDissentTests(ReviewStack stack)
{
    [Fact]
    public async Task Is_for_who_voted_against_the_outcome_once_and_before_the_first_signature()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var voted = await @case.VotedToDelistAsync();
        await Dissent(@case, voted.Name, "a1").RefusedAsync(StatusCode.PermissionDenied, "VOTED_WITH_OUTCOME");
        await Dissent(@case, voted.Name, "outsider").RefusedAsync(StatusCode.PermissionDenied, "NOT_ON_PANEL");
        var draft = (await @case.DraftAsync(voted, @case.Draft())).Decision;
        await Dissent(@case, voted.Name, "a5");
        await Dissent(@case, voted.Name, "a5").RefusedAsync(StatusCode.AlreadyExists, "DISSENT_ALREADY_RECORDED");

        // The dissent changed what would be signed.
        await @case.SignAsync(draft, Staff.Chair).RefusedAsync(StatusCode.Aborted, "ETAG_MISMATCH");
        var signed = (await @case.SignAsync((await @case.Client.GetDecisionAsync(new GetDecisionRequest { Name = draft.Name }, Staff.Chair)).Decision,
            Staff.Chair)).Decision;
        Assert.Equal("staff/a5", Assert.Single(signed.Dissents).Author);
    }

    [Fact]
    public async Task Is_closed_by_the_first_signature()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var voted = await @case.VotedToDelistAsync();
        await @case.SignAsync((await @case.DraftAsync(voted, @case.Draft())).Decision, Staff.Chair);
        await Dissent(@case, voted.Name, "a5").RefusedAsync(StatusCode.FailedPrecondition, "ILLEGAL_TRANSITION");
    }

    private static AsyncUnaryCall<RecordDissentResponse> Dissent(Case @case, string dossier, string member) =>
        @case.Client.RecordDissentAsync(new RecordDissentRequest { RequestId = Some.RequestId(), Dossier = dossier, Text = "I dissent.", PublishName = true },
            Staff.Reviewer(member));
}
