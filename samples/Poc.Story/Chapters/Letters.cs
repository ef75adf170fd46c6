using Poc.Contracts.Intake.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>February 2021: hundreds of near-identical requests reach the sections, genuine ones among them; and one more letter when all is over.</summary>
internal static class Letters
{
    // As many as the sections of a region would send at a time; well below what a partner may have in flight.
    private const int AtOnce = 16;

    public static async Task TellAsync(Stage stage, StoryRecord record, CancellationToken cancellation)
    {
        var (script, narrator) = (stage.Script, stage.Narrator);
        var burst = script.Requests.Burst;
        var requests = Burst.Of(script);
        narrator.Chapter(burst.From, $"The burst, until {burst.To}");
        var sections = requests.Select(static request => request.Section).Distinct().Count();
        var residues = requests.Where(static request => request is { Wording: not null, HasResidue: true }).ToList();
        var ordinary = requests.Count(static request => request.Wording is null);
        narrator.Tell($"{requests.Count} requests reach {sections} sections: {burst.Wordings.Count} wordings, {residues.Count} copies with something of their own to say,");
        narrator.Tell($"and {ordinary} ordinary requests among them.");
        foreach (var example in residues.Take(2))
        {
            narrator.Tell($"   buried in {example.Wording}, sent to {example.Section}: \"{example.Request.Text.Split("\n\n")[2]}\"");
        }

        var done = 0;
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (planned, token) =>
        {
            await Filing.SubmitAsync(stage, record, planned, token);
            if (Interlocked.Increment(ref done) is var count && (count % 50 == 0 || count == requests.Count))
            {
                narrator.Progress($"{count} of {requests.Count} filed");
            }
        });

        var shown = -1;
        var all = await stage.Awaiting.UntilAsync(
            "every request of the burst to be judged",
            () => Filing.AllAsync(stage, cancellation),
            found =>
            {
                var judged = requests.Count(planned => found.TryGetValue(planned.Key, out var request) && Filing.IsJudged(request));
                if (judged / 100 != shown)
                {
                    shown = judged / 100;
                    narrator.Progress($"{judged} of {requests.Count} judged");
                }

                return judged == requests.Count;
            },
            found => $"{requests.Count(planned => found.TryGetValue(planned.Key, out var request) && Filing.IsJudged(request))} of {requests.Count}",
            cancellation);
        var states = requests.Select(planned => all[planned.Key]).GroupBy(static request => (request.State, request.StateReason));
        foreach (var state in states.OrderByDescending(static group => group.Count()))
        {
            narrator.Answer($"{state.Count()} are {Wire.Name(state.Key.State)} {state.Key.StateReason}{Detail(state.First())}");
        }

        // All letters ask the same question about the same person: they are one dossier.
        record.Dossiers["delisting"] = requests.Where(static planned => planned.Review == "delisting").Select(planned => all[planned.Key].Dossier).Distinct().Single();
        narrator.Answer($"The letters are one dossier: {record.Dossiers["delisting"]}. Their number is no input to any criterion.");
    }

    /// <summary>The same letter again after the decision.</summary>
    public static async Task AgainAsync(Stage stage, StoryRecord record, CancellationToken cancellation)
    {
        var late = Burst.Late(stage.Script);
        stage.Narrator.Chapter(stage.Script.Requests.Late.Date, "The same letter once more");
        await Filing.SubmitAsync(stage, record, late, cancellation);
        var judged = await Filing.UntilAsync(stage, record, late, Filing.IsJudged, "to be judged", cancellation);
        stage.Narrator.Tell($"{late.Section} files wording {late.Wording} again, with nothing new in it.");
        stage.Narrator.Answer($"Review: {Wire.Name(judged.State)} {judged.StateReason}{Detail(judged)}");
    }

    private static string Detail(Request request) => request.StateDetail.Length > 0 ? $": {request.StateDetail}" : "";
}
