using Poc.Contracts.Review.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>How designations end: one renounced in protest, one closed by death.</summary>
internal static class Endings
{
    public static async Task ProtestAsync(Stage stage, CancellationToken cancellation)
    {
        var other = stage.Script.Subjects.Subjects.Single(static subject => subject.Episodes.Exists(static episode => episode.Ends?.State == DesignationState.Renounced));
        stage.Narrator.Chapter(other.Episodes[0].Ends!.Date, "A protest");
        await EndAsync(stage, other, other.Episodes[0], cancellation);
    }

    public static async Task DeathAsync(Stage stage, CancellationToken cancellation)
    {
        stage.Narrator.Chapter(stage.Script.MainEpisode.Ends!.Date, "The end");
        await EndAsync(stage, stage.Script.MainSubject, stage.Script.MainEpisode, cancellation);
    }

    private static async Task EndAsync(Stage stage, ScriptedSubject subject, ScriptedEpisode episode, CancellationToken cancellation)
    {
        var ended = await stage.AskAsync(stage.Review.EndDesignationAsync, new EndDesignationRequest
        {
            RequestId = StepId.Of($"episode/{subject.Id}/{episode.Id}/end"),
            Episode = $"{subject.Name}/episodes/{episode.Id}",
            State = episode.Ends!.State,
            EffectiveOn = episode.Ends.Date,
            Reason = episode.Ends.Reason,
            Renunciation = episode.Ends.Renunciation is { } words
                ? new Renunciation { DeclaredBy = words.DeclaredBy, DeclaredOn = words.DeclaredOn, VerifiedHow = words.VerifiedHow } : null,
        }, stage.Staff("approver-b"), cancellation);
        stage.Narrator.Tell($"{subject.NativeName}: {episode.Ends.Reason}");
        stage.Narrator.Answer($"Review: the designation is {Wire.Name(ended.Episode.DesignationState)}");
    }
}
