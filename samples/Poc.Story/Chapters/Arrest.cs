using Poc.Contracts.Intake.V1;
using Poc.Contracts.Review.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>17 January 2021: the arrest, an urgent request, the label the same day, and the mandate that no label touches.</summary>
internal static class Arrest
{
    public static async Task TellAsync(Stage stage, StoryRecord record, Reviews reviews, CancellationToken cancellation)
    {
        var (script, narrator) = (stage.Script, stage.Narrator);
        var urgent = Burst.Urgent(script);
        var day = script.Requests.Urgent.Date;
        narrator.Chapter(day, "The arrest");
        await Opening.OpenEpisodeAsync(stage, script.MainSubject, script.MainEpisode, cancellation);
        narrator.Tell($"A new episode is open: {script.MainEpisode.Description}");

        var filed = await Filing.SubmitAsync(stage, record, urgent, cancellation);
        narrator.Tell($"{urgent.Section} files an urgent request: {Wire.Name(urgent.Request.Kind)}. \"{urgent.Request.UrgencyReason}\"");
        narrator.Answer($"Intake: {Wire.Name(filed.Request.State)}, receipt over text {filed.Receipt.TextSha256[..12]}…");
        var request = await Filing.UntilAsync(stage, record, urgent, static request => request.Dossier.Length > 0, "to be in a dossier", cancellation);
        narrator.Answer($"Review judged it admissible and opened {request.Dossier}");
        record.Dossiers["designation"] = request.Dossier;

        await reviews.ChangeAsync(
            request.Dossier,
            "designation/provisional",
            async _ => (await EpisodeAsync(stage, cancellation)).History.Any(static change => change.State == DesignationState.Provisional),
            (dossier, requestId) => stage.AskAsync(stage.Review.DesignateProvisionallyAsync, new DesignateProvisionallyRequest
            {
                RequestId = requestId,
                Dossier = dossier.Name,
                EffectiveOn = day,
                Reason = urgent.Request.UrgencyReason,
                Etag = dossier.Etag,
            }, stage.Staff("approver-a"), cancellation),
            cancellation);
        narrator.Tell("The label is given the same day, provisionally, until a panel decides.");
        narrator.Answer($"Review: {string.Join(" → ", (await EpisodeAsync(stage, cancellation)).History.Select(static change => Wire.Name(change.State)))}");

        foreach (var mandate in script.MainSubject.Mandates)
        {
            await stage.AskAsync(stage.Review.DecideMandateAsync, new DecideMandateRequest
            {
                RequestId = StepId.Of($"mandate/{mandate.Aim}"),
                Parent = script.MainSubject.Name,
                Mandate = new Mandate { Aim = mandate.Aim, InForce = true, EffectiveOn = mandate.Date, Reason = mandate.Reason },
            }, stage.Staff("approver-a"), cancellation);
            narrator.Tell($"Mandate \"{mandate.Aim}\": {mandate.Reason}");
        }
    }

    /// <summary>The episode the reviews are about, as staff see it now.</summary>
    public static async Task<Episode> EpisodeAsync(Stage stage, CancellationToken cancellation)
    {
        var subject = await stage.AskAsync(stage.Review.GetSubjectAsync, new GetSubjectRequest { Name = stage.Script.MainSubject.Name }, stage.Staff("auditor-1"), cancellation);
        return subject.Subject.Episodes.Single(episode => episode.Name.EndsWith($"/{stage.Script.MainEpisode.Id}", StringComparison.Ordinal));
    }
}
