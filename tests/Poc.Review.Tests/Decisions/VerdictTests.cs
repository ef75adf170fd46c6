using Poc.Contracts.Review.V1;
using Poc.Review.Decisions;

namespace Poc.Review.Tests.Decisions;

public sealed class VerdictTests
{
    [Theory]
    [InlineData(QuestionType.Designate, true, Outcome.Unspecified, Outcome.Designated)]
    [InlineData(QuestionType.Designate, false, Outcome.Unspecified, Outcome.Declined)]
    [InlineData(QuestionType.Delist, true, Outcome.Unspecified, Outcome.LabelWithdrawn)]
    [InlineData(QuestionType.Delist, false, Outcome.Unspecified, Outcome.Maintained)]
    [InlineData(QuestionType.Redesignate, true, Outcome.Unspecified, Outcome.Redesignated)]
    [InlineData(QuestionType.Redesignate, false, Outcome.Unspecified, Outcome.Declined)]
    [InlineData(QuestionType.Appeal, false, Outcome.LabelWithdrawn, Outcome.AppealDismissed)]
    [InlineData(QuestionType.Appeal, true, Outcome.LabelWithdrawn, Outcome.Redesignated)]
    [InlineData(QuestionType.Appeal, true, Outcome.Declined, Outcome.Designated)]
    [InlineData(QuestionType.Appeal, true, Outcome.Maintained, Outcome.LabelWithdrawn)]
    [InlineData(QuestionType.Appeal, true, Outcome.Designated, Outcome.LabelWithdrawn)]
    public void Follows_from_the_question_and_the_votes(QuestionType question, bool passed, Outcome appealed, Outcome outcome) =>
        Assert.Equal(outcome, Verdict.Of(question, passed, appealed));

    [Fact]
    public void An_appeal_is_against_an_outcome() => Assert.Throws<ArgumentException>(() => Verdict.Of(QuestionType.Appeal, true));

    [Theory]
    [InlineData(Choice.Against, true, true)]
    [InlineData(Choice.For, true, false)]
    [InlineData(Choice.For, false, true)]
    [InlineData(Choice.Abstain, true, false)]
    [InlineData(Choice.Abstain, false, false)]
    public void Only_a_vote_against_the_outcome_can_dissent(Choice choice, bool passed, bool may) => Assert.Equal(may, Verdict.IsAgainst(choice, passed));
}
