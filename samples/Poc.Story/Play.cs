using System.Globalization;
using Grpc.Core;
using Poc.Story.Chapters;
using Poc.Story.Stack;

namespace Poc.Story;

/// <summary>The chapters in order, and the reckoning.</summary>
internal static class Play
{
    /// <summary>Plays the story.</summary>
    /// <returns>The exit code: 0 when every outcome agrees, otherwise 1.</returns>
    public static async Task<int> ToItsEndAsync(Stage stage, CancellationToken cancellation)
    {
        var narrator = stage.Narrator;
        try
        {
            narrator.Line("The reference story: how a label was given, withdrawn under pressure, and given again.");
            narrator.Line("Public facts stand as the sources give them; numbers, votes and texts are synthetic. Lines with → are answers of the services.");
            await PlayAsync(stage, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            narrator.Line("Interrupted. Running the story again goes on from here.");
            return 1;
        }
        catch (StoryStoppedException problem)
        {
            narrator.Line($"The story stops here: {problem.Message}");
            return 1;
        }
        catch (RpcException problem)
        {
            narrator.Line($"The story stops here, at an answer it did not expect: {Refusal.From(problem)}. {problem.Status.Detail}");
            return 1;
        }

        foreach (var line in stage.Comparison.Lines())
        {
            narrator.Line(line);
        }

        var comparison = stage.Comparison;
        narrator.Line("");
        var notAsked = comparison.NotAsked > 0 ? $", {comparison.NotAsked} could not be asked again (·: the record was beyond that point)" : "";
        var retries = stage.Retries > 0 ? $", {stage.Retries} calls were tried again" : "";
        narrator.Line(string.Create(
            CultureInfo.InvariantCulture, $"{comparison.Agreed} outcomes agreed, {comparison.Different} differ{notAsked}; {narrator.Elapsed.TotalSeconds:0} s{retries}."));
        return comparison.Different == 0 ? 0 : 1;
    }

    private static async Task PlayAsync(Stage stage, CancellationToken cancellation)
    {
        var record = new StoryRecord();
        var reviews = new Reviews(stage, record);
        var announcements = new Announcements(stage, record, reviews);
        var decisions = new Decisions(stage, record, reviews, announcements);
        await Opening.RegisterAsync(stage, cancellation);
        var inboxes = stage.Script.People.Inboxes.Select(inbox => InboxWatch.Start(stage, inbox.Staff)).ToList();
        try
        {
            await Opening.TellAsync(stage, cancellation);
            await Impostors.RegisterAsync(stage, record, cancellation);
            await Arrest.TellAsync(stage, record, reviews, cancellation);
            await Evidence.TellAsync(stage, record, cancellation);
            await decisions.ConfirmAsync(cancellation);
            await Letters.TellAsync(stage, record, cancellation);
            await decisions.WithdrawAsync(cancellation);
            await Impostors.TellAsync(stage, record, cancellation);
            await Endings.ProtestAsync(stage, cancellation);
            await Letters.AgainAsync(stage, record, cancellation);
            await decisions.AppealAsync(cancellation);
            await Endings.DeathAsync(stage, cancellation);
            stage.Narrator.Chapter("Afterwards", "What was expected, and what the services answer");
            await new Reckoning(stage, record, reviews, announcements, decisions).CompareAsync(inboxes, cancellation);
        }
        finally
        {
            foreach (var inbox in inboxes)
            {
                await inbox.DisposeAsync();
            }
        }
    }
}
