using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>25 February 2021: somebody writes in counsel's name and somebody calls as an aide. Counsel is asked over the channel that was registered before.</summary>
internal static class Impostors
{
    private const string Officer = "intake-officer-1";

    /// <summary>Puts those on the register who may speak.</summary>
    public static async Task RegisterAsync(Stage stage, StoryRecord record, CancellationToken cancellation)
    {
        foreach (var speaker in stage.Script.People.Speakers)
        {
            record.Speakers[speaker.Id] = (await stage.AskAsync(stage.Speakers.RegisterSpeakerAsync, new RegisterSpeakerRequest
            {
                RequestId = StepId.Of($"speaker/{speaker.Id}"),
                Parent = $"subjects/{speaker.Subject}",
                Speaker = new Speaker
                {
                    DisplayName = speaker.DisplayName,
                    Capacity = speaker.Capacity,
                    Recipient = ScriptedRecipient.NameOf(speaker.Id),
                    Basis = speaker.Basis,
                },
            }, stage.Staff(Officer), cancellation)).Speaker.Name;
        }

        stage.Narrator.Tell($"On the register of those who may speak for a prisoner: {string.Join(", ", stage.Script.People.Speakers.Select(static speaker => speaker.DisplayName))}.");
    }

    public static async Task TellAsync(Stage stage, StoryRecord record, CancellationToken cancellation)
    {
        var impostor = stage.Script.Requests.Impostor;
        stage.Narrator.Chapter(impostor.Date, "Impostors");
        await CallAsync(stage, impostor, cancellation);
        await LetterAsync(stage, record, impostor, cancellation);
    }

    private static async Task CallAsync(Stage stage, ScriptedImpostor impostor, CancellationToken cancellation)
    {
        stage.Narrator.Tell(impostor.Call);
        var opened = await stage.AskAsync(
            stage.Speakers.OpenImpostorIncidentAsync,
            new OpenImpostorIncidentRequest
            {
                RequestId = StepId.Of("impostor/call"),
                Incident = new ImpostorIncident { Subject = stage.Script.MainSubject.Name, Description = impostor.Call },
            },
            stage.Staff(Announcements.Spokesperson),
            cancellation);
        var closed = await stage.AskAsync(
            stage.Speakers.CloseImpostorIncidentAsync,
            new CloseImpostorIncidentRequest { RequestId = StepId.Of("impostor/call/close"), Name = opened.Incident.Name, Resolution = impostor.CallFinding },
            stage.Staff(Officer),
            cancellation);
        stage.Narrator.Answer($"Intake: an incident, opened by {closed.Incident.OpenedBy}, {Wire.Name(closed.Incident.State)}: {closed.Incident.Resolution}");
    }

    private static async Task LetterAsync(Stage stage, StoryRecord record, ScriptedImpostor impostor, CancellationToken cancellation)
    {
        var planned = Burst.Impostor(stage.Script);
        await Filing.SubmitAsync(stage, record, planned, cancellation);
        stage.Narrator.Tell($"{impostor.Section} files a letter in the name of {impostor.Speaker}.");
        var letter = await Filing.UntilAsync(stage, record, planned, Filing.IsJudged, "to be judged", cancellation);
        stage.Narrator.Answer($"Review: {Wire.Name(letter.State)} {letter.StateReason}; who speaks is {Wire.Name(letter.SpeakerStanding)}");

        await stage.AskAsync(
            stage.Speakers.AskSpeakerAsync,
            new AskSpeakerRequest { RequestId = StepId.Of("impostor/ask"), Request = letter.Name, Speaker = record.Speakers[impostor.Speaker] },
            stage.Staff(Officer),
            cancellation);
        var refused = await stage.AskInVainAsync(
            stage.Speakers.AnswerSpeakerCheckAsync, new AnswerSpeakerCheckRequest { Code = StepId.Of("impostor/guess"), Confirms = true }, stage.Anyone, cancellation);
        record.RefusedCode = refused?.Reason ?? "";
        stage.Narrator.Tell("An officer asks counsel over the channel registered before. Whoever wrote the letter does not have the mail, and cannot answer for them.");
        if (letter.SpeakerStanding != impostor.Standing)
        {
            await stage.Awaiting.UntilAsync(
                $"{impostor.Speaker} to find the question in their mail and to deny the letter",
                () => DenyAsync(stage, impostor, cancellation),
                static denied => denied,
                static _ => "no such mail",
                cancellation);
        }

        letter = await Filing.UntilAsync(stage, record, planned, request => request.SpeakerStanding == impostor.Standing, $"to show {Wire.Name(impostor.Standing)}", cancellation);
        stage.Narrator.Tell($"{impostor.Speaker} answers by the code in the mail: the letter is not theirs.");
        stage.Narrator.Answer($"Intake: who speaks is {Wire.Name(letter.SpeakerStanding)}, and an incident is open");
    }

    // Of the mails to counsel one holds the question; the codes of the others answer nothing here.
    private static async Task<bool> DenyAsync(Stage stage, ScriptedImpostor impostor, CancellationToken cancellation)
    {
        var counsel = stage.Script.People.Recipients.Single(recipient => recipient.Id == impostor.Speaker);
        foreach (var reference in await stage.Mail.ReferencesToAsync(counsel.Email, cancellation))
        {
            try
            {
                await stage.AskAsync(stage.Speakers.AnswerSpeakerCheckAsync, new AnswerSpeakerCheckRequest { Code = reference, Confirms = false }, stage.Anyone, cancellation);
                return true;
            }
            catch (RpcException problem) when (problem.StatusCode == StatusCode.NotFound)
            {
            }
        }

        return false;
    }
}
