using CsCheck;
using Poc.Contracts.Review.V1;
using Poc.Review.Decisions;
using Poc.Review.Designations;

namespace Poc.Review.Tests.Designations;

public sealed class DesignationMachineTests
{
    private static readonly DesignationState[] States = [.. Enum.GetValues<DesignationState>().Where(static state => state != DesignationState.Unspecified)];
    private static readonly QuestionType[] Questions = [.. Enum.GetValues<QuestionType>().Where(static question => question != QuestionType.Unspecified)];
    private static readonly Outcome[] Appealable = [Outcome.Designated, Outcome.Declined, Outcome.Maintained, Outcome.LabelWithdrawn, Outcome.Redesignated];

    [Fact]
    public void Every_state_ends_by_renunciation_or_closing_and_nothing_follows_these()
    {
        foreach (var state in States)
        {
            var legal = DesignationMachine.Legal(state);
            Assert.Equal(DesignationMachine.HasEnded(state), legal.Count == 0);
            Assert.Equal(!DesignationMachine.HasEnded(state), legal.Contains(DesignationState.Renounced) && legal.Contains(DesignationState.Closed));
        }
    }

    [Fact]
    public void The_label_is_given_only_by_way_of_an_assessment() =>
        Assert.DoesNotContain(States, static state => state is DesignationState.Proposed or DesignationState.LabelWithdrawn or DesignationState.Declined
            && DesignationMachine.Legal(state).Any(DesignationMachine.IsInForce));

    [Fact]
    public void Any_walk_of_reviews_keeps_to_legal_steps() =>
        Gen.Select(Gen.Int[0, Questions.Length - 1], Gen.Bool, Gen.Int[0, Appealable.Length - 1]).Array[1, 20].Sample(static reviews =>
        {
            var state = DesignationState.Proposed;
            foreach (var (question, passed, appealed) in reviews.Select(static review => (Questions[review.Item1], review.Item2, Appealable[review.Item3])))
            {
                var before = state;
                if (!DesignationMachine.CanSeat(question, state, out var seated))
                {
                    continue;
                }

                state = Take(state, seated);
                state = Take(state, DesignationMachine.After(Verdict.Of(question, passed, appealed), before, state)?.State);
                Assert.NotEqual(DesignationState.UnderReconsideration, state);
                Assert.NotEqual(DesignationState.UnderAssessment, state);
            }
        });

    [Fact]
    public void What_has_ended_stays_ended_whatever_is_decided() =>
        Assert.All(Appealable, static outcome => Assert.Null(DesignationMachine.After(outcome, DesignationState.Designated, DesignationState.Closed)));

    [Theory]
    [InlineData(QuestionType.Delist, DesignationState.Proposed)]
    [InlineData(QuestionType.Delist, DesignationState.UnderReconsideration)]
    [InlineData(QuestionType.Redesignate, DesignationState.Designated)]
    [InlineData(QuestionType.Designate, DesignationState.Designated)]
    [InlineData(QuestionType.Appeal, DesignationState.UnderReconsideration)]
    public void A_question_that_makes_no_sense_in_a_state_seats_no_panel(QuestionType question, DesignationState state) =>
        Assert.False(DesignationMachine.CanSeat(question, state, out _));

    [Theory]
    [InlineData(DesignationState.LabelWithdrawn, "")]
    [InlineData(DesignationState.Declined, "")]
    [InlineData(DesignationState.Designated, "Maintained")]
    public void A_dismissed_appeal_returns_to_the_state_before_it(DesignationState before, string label) =>
        Assert.Equal(new Designated(before, label), DesignationMachine.After(Outcome.AppealDismissed, before, DesignationState.UnderReconsideration));

    private static DesignationState Take(DesignationState from, DesignationState? to)
    {
        if (to is { } next && next != from)
        {
            Assert.Contains(next, DesignationMachine.Legal(from));
        }

        return to ?? from;
    }
}
