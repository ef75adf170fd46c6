using Poc.Contracts.Review.V1;
using static Poc.Contracts.Review.V1.DesignationState;

namespace Poc.Review.Designations;

/// <summary>What a designation becomes, and beside which word it is shown.</summary>
/// <param name="State">The state.</param>
/// <param name="Label">"Redesignated" or "Maintained" beside Designated; else empty.</param>
public readonly record struct Designated(DesignationState State, string Label);

/// <summary>
/// The states of a designation (DOMAIN, "States"), and one addition: Declined can be looked at again (UnderReconsideration), because a refusal can be appealed
/// too. Renounced and Closed are the end. The advocacy mandate is no part of this.
/// </summary>
public static class DesignationMachine
{
    /// <summary>The states that may follow.</summary>
    public static IReadOnlyList<DesignationState> Legal(DesignationState state) => state switch
    {
        Proposed => [UnderAssessment, Renounced, Closed],
        UnderAssessment => [Declined, Provisional, DesignationState.Designated, Renounced, Closed],
        Provisional => [DesignationState.Designated, Declined, Renounced, Closed],
        DesignationState.Designated => [UnderReconsideration, Renounced, Closed],
        UnderReconsideration => [DesignationState.Designated, LabelWithdrawn, Declined, Renounced, Closed],
        LabelWithdrawn => [UnderReconsideration, Renounced, Closed],
        Declined => [UnderReconsideration, Renounced, Closed],
        _ => [],
    };

    /// <summary>Nothing follows any more.</summary>
    public static bool HasEnded(DesignationState state) => state is Renounced or Closed;

    /// <summary>The label is given. While a panel looks at it again, it stays what it was before.</summary>
    public static bool IsInForce(DesignationState state) => state is Provisional or DesignationState.Designated;

    /// <summary>
    /// What a panel that is seated for a question makes of the designation. Null: it stays as it is, because a provisional label holds until the panel decides,
    /// and because an appeal is judged even when the designation has ended (no later action closes an appeal).
    /// </summary>
    /// <param name="question">The question of the review.</param>
    /// <param name="state">The state now.</param>
    /// <param name="next">The state to take, or null.</param>
    /// <returns>False when the question cannot be asked in this state.</returns>
    public static bool CanSeat(QuestionType question, DesignationState state, out DesignationState? next)
    {
        (var can, next) = (question, state) switch
        {
            (QuestionType.Designate, Proposed) => (true, (DesignationState?)UnderAssessment),
            (QuestionType.Designate, Provisional) => (true, null),
            (QuestionType.Designate, Declined) => (true, UnderReconsideration),
            (QuestionType.Delist, DesignationState.Designated) => (true, UnderReconsideration),
            (QuestionType.Redesignate, LabelWithdrawn or Declined) => (true, UnderReconsideration),
            (QuestionType.Appeal, DesignationState.Designated or LabelWithdrawn or Declined) => (true, UnderReconsideration),
            (QuestionType.Appeal, Provisional or Renounced or Closed) => (true, null),
            _ => (false, null),
        };
        return can;
    }

    /// <summary>What a decision makes of the designation; null when the designation has ended meanwhile and stays so.</summary>
    /// <param name="outcome">What was decided.</param>
    /// <param name="before">The state when the panel was seated.</param>
    /// <param name="now">The state now.</param>
    public static Designated? After(Outcome outcome, DesignationState before, DesignationState now) => HasEnded(now) ? null : outcome switch
    {
        Outcome.Designated => new(DesignationState.Designated, ""),
        Outcome.Redesignated => new(DesignationState.Designated, "Redesignated"),
        Outcome.Maintained => new(DesignationState.Designated, "Maintained"),
        Outcome.LabelWithdrawn => new(LabelWithdrawn, ""),
        Outcome.Declined => new(before == LabelWithdrawn ? LabelWithdrawn : Declined, ""),
        Outcome.AppealDismissed => new(before, before == DesignationState.Designated ? "Maintained" : ""),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
