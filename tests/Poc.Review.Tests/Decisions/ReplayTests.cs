using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Protocols;
using Poc.Review.Decisions;

namespace Poc.Review.Tests.Decisions;

public sealed class ReplayTests(ReviewStack stack)
{
    private static readonly Rules V1 = RulesDocument.Parse("v1", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Protocols", "v1.yaml")));

    private static readonly ReplayedCase Case3To2 = new(
        QuestionType.Delist, [["advocacy-of-violence"], ["of-no-protocol"]], "", Seated: 5, Cast: 5, new Tally { ForCount = 3, AgainstCount = 2, EligibleCount = 5 }, Outcome.Unspecified, HighestScore: 4,
        ["panel-chair", "approver"]);

    [Fact]
    public void Under_the_same_rules_nothing_differs()
    {
        var replay = Replay.Compare(Case3To2, V1, V1);

        Assert.Equal((Outcome.LabelWithdrawn, Outcome.LabelWithdrawn), (replay.RecordedOutcome, replay.Outcome));
        Assert.Empty(replay.Differences);
        Assert.All(replay.Steps, static step => Assert.True(!step.Differs && !step.Stops && step.Recorded == step.Replayed, step.Step));
        Assert.Equal("1 of 2 requests address it", replay.Steps.Single(static step => step.Step == "admissibility").Replayed);
    }

    [Fact]
    public void A_larger_majority_turns_the_outcome()
    {
        var replay = Replay.Compare(Case3To2, V1, V1 with { Version = 9, Majority = Majority.Share(2, 3) });

        Assert.Equal((Outcome.LabelWithdrawn, Outcome.Maintained), (replay.RecordedOutcome, replay.Outcome));
        Assert.Equal(["majority"], replay.Steps.Where(static step => step.Differs).Select(static step => step.Step));
        Assert.Equal("majority", Assert.Single(replay.Differences).Path);
    }

    [Theory]
    [InlineData("question")]
    [InlineData("admissibility")]
    [InlineData("panel")]
    [InlineData("quorum")]
    public void A_case_that_would_have_stopped_before_the_vote_has_no_outcome(string step)
    {
        var other = step switch
        {
            "question" => V1 with { Questions = [QuestionType.Designate] },
            "admissibility" => V1 with { Criteria = [V1.Criteria[0] with { Id = "another", Questions = [QuestionType.Delist] }] },
            "panel" => V1 with { MaximumPanel = 4 },
            _ => V1 with { Quorum = 6 },
        };

        var replay = Replay.Compare(Case3To2, V1, other);

        Assert.Equal((Outcome.LabelWithdrawn, Outcome.Unspecified), (replay.RecordedOutcome, replay.Outcome));
        Assert.Contains(replay.Steps, one => one.Step == step && one.Stops && one.Differs);
    }

    [Fact]
    public void An_appeal_is_judged_by_standing_and_by_what_it_is_about()
    {
        var appeal = Case3To2 with { Question = QuestionType.Appeal, Requests = [], Appellant = V1.Appellants[0], Appealed = Outcome.LabelWithdrawn };

        Assert.Equal(Outcome.Redesignated, Replay.Compare(appeal, V1, V1).Outcome);
        Assert.Equal("appellant", Replay.Compare(appeal, V1, V1 with { Appellants = ["nobody"] }).Steps.Single(static step => step.Stops).Step);
    }

    [Fact]
    public async Task A_decided_case_is_replayed_from_its_record_and_stays_as_it_is()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.VotedToDelistAsync();
        var decision = await @case.SignedAsync((await @case.DraftAsync(dossier, @case.Draft())).Decision);
        var before = await @case.DossierAsync(decision.Dossier);

        var same = await @case.Client.ReplayDossierAsync(new ReplayDossierRequest { Dossier = decision.Dossier, Protocol = decision.Protocol }, Staff.Auditor);
        var other = await @case.Client.ReplayDossierAsync(new ReplayDossierRequest { Dossier = decision.Dossier, Protocol = "protocols/v2" }, Staff.Auditor);

        Assert.Equal((decision.Outcome, decision.Outcome), (same.RecordedOutcome, same.Outcome));
        Assert.All(same.Steps, static step => Assert.False(step.Differs || step.Stops, step.Step));
        Assert.Contains(other.Differences, static difference => difference.Path.Contains("time-and-change", StringComparison.Ordinal) && difference.Before.Length == 0);
        Assert.Equal(decision.Outcome, other.RecordedOutcome);
        Assert.Equal(before, await @case.DossierAsync(decision.Dossier));
        await @case.Client.ReplayDossierAsync(new ReplayDossierRequest { Dossier = decision.Dossier, Protocol = "protocols/v99" }, Staff.Auditor).RefusedAsync(StatusCode.NotFound, "PROTOCOL_NOT_FOUND");
        var gathering = await @case.AskAsync("DESIGNATE");
        await @case.Client.ReplayDossierAsync(new ReplayDossierRequest { Dossier = gathering.Name, Protocol = "protocols/v2" }, Staff.Auditor).RefusedAsync(StatusCode.FailedPrecondition, "BALLOTS_SEALED");
    }
}
