using Poc.Contracts.Review.V1;
using Poc.Story.Stack;

namespace Poc.Story.Script;

/// <summary>What a designation goes through in the story, by the states of docs and data: reckoned from the script alone.</summary>
internal static class Designations
{
    /// <summary>The history that an episode must have at the end.</summary>
    public static string Of(StoryScript script, ScriptedEpisode episode)
    {
        var states = new List<string> { Wire.Name(DesignationState.Proposed) };
        if (episode.Past is { } past)
        {
            states.Add(At(DesignationState.Designated, past.DesignatedOn));
            if (past.ClosedOn.Length > 0)
            {
                states.Add(At(DesignationState.Closed, past.ClosedOn));
            }
        }

        if (episode == script.MainEpisode)
        {
            states.Add(Wire.Name(DesignationState.UnderAssessment));
            states.Add(At(DesignationState.Provisional, script.Requests.Urgent.Date));
            foreach (var review in script.Reviews.Reviews)
            {
                // The label is looked at again, for whatever reason, unless it is the first decision about it.
                if (review.Outcome != Outcome.Designated)
                {
                    states.Add(Wire.Name(DesignationState.UnderReconsideration));
                }

                states.Add(review.Outcome switch
                {
                    Outcome.Designated => Wire.Name(DesignationState.Designated),
                    Outcome.Redesignated => "Redesignated",
                    Outcome.LabelWithdrawn => Wire.Name(DesignationState.LabelWithdrawn),
                    _ => throw new InvalidDataException($"reviews.yaml: {review.Key} has an outcome the story does not tell of."),
                });
            }
        }

        if (episode.Ends is { } end)
        {
            states.Add(At(end.State, end.Date));
        }

        return string.Join(" → ", states);
    }

    /// <summary>A history as the services gave it, in the same words. Dates are shown where somebody set them, not where they are the day of the run.</summary>
    public static string Describe(IEnumerable<DesignationChange> history) => string.Join(" → ", history.Select(static change =>
        change.Label.Length > 0 ? change.Label
        : change.Decision.Length == 0 && change.State is not (DesignationState.Proposed or DesignationState.UnderAssessment or DesignationState.UnderReconsideration) ? At(change.State, change.EffectiveOn)
        : Wire.Name(change.State)));

    private static string At(DesignationState state, string day) => $"{Wire.Name(state)} ({day})";
}
