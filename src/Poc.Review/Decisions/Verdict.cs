using Poc.Contracts.Review.V1;

namespace Poc.Review.Decisions;

/// <summary>The outcome that the votes lead to. Nobody chooses it.</summary>
public static class Verdict
{
    /// <summary>The outcome of a review.</summary>
    /// <param name="question">The question that was voted on.</param>
    /// <param name="passed">The votes answered it with yes.</param>
    /// <param name="appealed">For an appeal: the outcome that is appealed, of the first decision in a row of dismissed appeals.</param>
    /// <exception cref="ArgumentException">An appeal against nothing.</exception>
    public static Outcome Of(QuestionType question, bool passed, Outcome appealed = Outcome.Unspecified) => (question, passed) switch
    {
        (QuestionType.Designate, true) => Outcome.Designated,
        (QuestionType.Designate, false) => Outcome.Declined,
        (QuestionType.Delist, true) => Outcome.LabelWithdrawn,
        (QuestionType.Delist, false) => Outcome.Maintained,
        (QuestionType.Redesignate, true) => Outcome.Redesignated,
        (QuestionType.Redesignate, false) => Outcome.Declined,
        (QuestionType.Appeal, false) => Outcome.AppealDismissed,
        (QuestionType.Appeal, true) => Overturned(appealed),
        _ => throw new ArgumentException("There is no such question.", nameof(question)),
    };

    /// <summary>Whether a vote was cast against what came out: only then is there something to dissent from.</summary>
    public static bool IsAgainst(Choice vote, bool passed) => vote == (passed ? Choice.Against : Choice.For);

    private static Outcome Overturned(Outcome appealed) => appealed switch
    {
        Outcome.LabelWithdrawn => Outcome.Redesignated,
        Outcome.Declined => Outcome.Designated,
        Outcome.Designated or Outcome.Maintained or Outcome.Redesignated => Outcome.LabelWithdrawn,
        _ => throw new ArgumentException("An appeal is against the outcome of a decision.", nameof(appealed)),
    };
}
