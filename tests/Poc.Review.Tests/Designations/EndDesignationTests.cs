using Grpc.Core;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Designations;

public sealed class EndDesignationTests(ReviewStack stack)
{
    [Fact]
    public async Task A_renunciation_says_whose_words_it_is_and_how_that_was_made_sure()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        await @case.Client.DecideMandateAsync(
            new DecideMandateRequest { RequestId = Some.RequestId(), Parent = @case.Subject, Mandate = new Mandate { Aim = "release", InForce = true, EffectiveOn = "2021-01-17", Reason = "x" } }, Staff.Approver);

        var ended = (await End(@case, DesignationState.Renounced, Words(@case.Statements[0]))).Episode;

        Assert.Equal((DesignationState.Renounced, "subject", "2021-02-25", "By the lawyer on record, called back.", @case.Statements[0]), Shown(ended.History[^1]));
        var entry = (await @case.EntryAsync()).Entry;
        // The public sees whose words it is, not how staff reached them; what is campaigned for is as it was.
        Assert.Equal((DesignationState.Renounced, "subject", "2021-02-25", "", @case.Statements[0]), Shown(entry.Episodes[0].History[^1]));
        Assert.Equal("release", Assert.Single(entry.Mandates).Aim);
        await End(@case, DesignationState.Closed).RefusedAsync(StatusCode.FailedPrecondition, "ILLEGAL_TRANSITION");
    }

    [Fact]
    public async Task Nobody_renounces_without_that_or_in_words_that_are_not_the_subjects()
    {
        var (@case, other) = (await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack));
        Assert.Equal(["renunciation"], (await End(@case, DesignationState.Renounced).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        Assert.Equal(["renunciation"], (await End(@case, DesignationState.Closed, Words()).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        Assert.Equal(["renunciation.declared_by", "renunciation.declared_on", "renunciation.verified_how"], (await End(@case, DesignationState.Renounced, new Renunciation { DeclaredBy = "an aide" })
            .RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields().Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["renunciation.statement"], (await End(@case, DesignationState.Renounced, Words(other.Statements[0])).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        await End(@case, DesignationState.Renounced, Words($"{@case.Subject}/statements/never-archived")).RefusedAsync(StatusCode.FailedPrecondition, "STATEMENT_NOT_CITABLE");
        Assert.Equal([DesignationState.Proposed, DesignationState.Designated], await @case.SaidAsync());
    }

    [Fact]
    public async Task A_review_that_is_open_goes_on_to_its_own_decision_and_gives_nothing_back()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var drafted = (await @case.DraftAsync(await @case.VotedToDelistAsync(), @case.Draft())).Decision;
        await End(@case, DesignationState.Renounced, Words());

        await @case.PublishAsync(await @case.SignedAsync(drafted));

        Assert.Equal(DesignationState.Renounced, (await @case.SaidAsync())[^1]);
        Assert.Equal(Publicity.Public, (await @case.Client.GetDecisionAsync(new GetDecisionRequest { Name = drafted.Name }, Staff.Auditor)).Decision.Publicity);
    }

    private static (DesignationState State, string By, string On, string How, string Statement) Shown(DesignationChange change) =>
        (change.State, change.Renunciation.DeclaredBy, change.Renunciation.DeclaredOn, change.Renunciation.VerifiedHow, change.Renunciation.Statement);

    private static Renunciation Words(string statement = "") =>
        new() { DeclaredBy = "subject", DeclaredOn = "2021-02-25", VerifiedHow = "By the lawyer on record, called back.", Statement = statement };

    private static AsyncUnaryCall<EndDesignationResponse> End(Case @case, DesignationState state, Renunciation? words = null) => @case.Client.EndDesignationAsync(
        new EndDesignationRequest { RequestId = Some.RequestId(), Episode = @case.Episode, State = state, EffectiveOn = "2021-02-25", Reason = "Synthetic.", Renunciation = words }, Staff.Approver);
}
