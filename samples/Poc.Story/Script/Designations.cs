using Poc.Contracts.Review.V1;
using Poc.Story.Stack;

namespace Poc.Story.Script;

/// <summary>What a designation goes through in the story, by the states of the domain: reckoned from the script alone.</summary>
internal static class Designations
{
    /// <summary>The history that an episode must have at the end.</summary>
    public static string Of(StoryScript script, ScriptedSubject subject, ScriptedEpisode episode) => string.Join(" → ", States(script, subject, episode).Select(static step => step.Shown));

    /// <summary>A history as the services gave it, in the same words. Internal states have the day of the run, which is not compared.</summary>
    public static string Describe(IEnumerable<DesignationChange> history) => string.Join(" → ", history.Select(static change =>
        IsInternal(change.State) ? Wire.Name(change.State) : At(change.State, change.EffectiveOn, change.Label).Shown));

    private static IEnumerable<(DesignationState State, string Shown)> States(StoryScript script, ScriptedSubject subject, ScriptedEpisode episode)
    {
        yield return Plain(DesignationState.Proposed);
        if (episode.Past is { } past)
        {
            yield return At(DesignationState.Designated, past.DesignatedOn);
            if (past.ClosedOn.Length > 0)
            {
                yield return At(DesignationState.Closed, past.ClosedOn);
            }
        }

        if (subject == script.MainSubject && episode == script.MainEpisode)
        {
            yield return Plain(DesignationState.UnderAssessment);
            yield return At(DesignationState.Provisional, script.Requests.Urgent.Date);
            foreach (var step in script.Reviews.Reviews.SelectMany(Decided))
            {
                yield return step;
            }
        }

        if (episode.Ends is { } end)
        {
            yield return At(end.State, end.Date);
        }
    }

    // A label that was given, or withdrawn, is looked at again before it changes; a provisional one holds until the panel decides.
    private static IEnumerable<(DesignationState State, string Shown)> Decided(ScriptedReview review) => review.Outcome switch
    {
        Outcome.Designated => [At(DesignationState.Designated, review.EffectiveOn)],
        Outcome.LabelWithdrawn => [Plain(DesignationState.UnderReconsideration), At(DesignationState.LabelWithdrawn, review.EffectiveOn)],
        Outcome.Redesignated => [Plain(DesignationState.UnderReconsideration), At(DesignationState.Designated, review.EffectiveOn, "Redesignated")],
        _ => throw new InvalidDataException($"reviews.yaml: {review.Key} has an outcome that the story does not tell of."),
    };

    private static bool IsInternal(DesignationState state) => state is DesignationState.Proposed or DesignationState.UnderAssessment or DesignationState.UnderReconsideration;

    private static (DesignationState State, string Shown) Plain(DesignationState state) => (state, Wire.Name(state));

    private static (DesignationState State, string Shown) At(DesignationState state, string day, string label = "") => (state, $"{(label.Length > 0 ? label : Wire.Name(state))} ({day})");
}
