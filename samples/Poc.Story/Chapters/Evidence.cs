using Poc.Contracts.Intake.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>What he really said: statements with the claims about them side by side, translations, evidence about a retraction, and the repost of 19 January.</summary>
internal static class Evidence
{
    public static async Task TellAsync(Stage stage, StoryRecord record, CancellationToken cancellation)
    {
        var (file, narrator) = (stage.Script.Statements, stage.Narrator);
        narrator.Chapter(file.Amplification.OccurredOn, "A repost, and the evidence behind it");
        var archivist = stage.Staff("archivist-1");
        foreach (var statement in file.Statements)
        {
            var stored = (await stage.AskAsync(stage.Archive.RecordStatementAsync, ToRequest(file, statement), archivist, cancellation)).Statement;
            narrator.Tell($"{statement.Id.ToUpperInvariant()} is archived ({Wire.Name(statement.Content)}, {Dated(statement.Uttered)}): {statement.Text}");
            foreach (var claim in statement.Claims)
            {
                narrator.Tell($"   {claim.Source} on {claim.Topic}: {claim.Claim}");
            }

            narrator.Answer($"log entry {stored.LogIndex}, content {Convert.ToHexStringLower(stored.ContentSha256.Span)[..12]}…");
            foreach (var (translation, number) in statement.Translations.Select(static (translation, index) => (translation, index + 1)))
            {
                await stage.AskAsync(stage.Archive.AddTranslationAsync, new AddTranslationRequest
                {
                    RequestId = StepId.Of($"statement/{statement.Id}/translation/{number}"),
                    Parent = stored.Name,
                    Translation = new Translation { Language = translation.Language, Text = translation.Text, Translator = translation.Translator },
                }, archivist, cancellation);
            }

            await LedgerAsync(stage, record, statement, stored.Name, cancellation);
        }

        var act = file.Amplification;
        var recorded = await stage.AskAsync(stage.Intake.RecordAmplificationEventAsync, new RecordAmplificationEventRequest
        {
            RequestId = StepId.Of("amplification/a1"),
            AmplificationEvent = new AmplificationEvent
            {
                Subject = stage.Script.MainSubject.Name,
                Description = act.Description,
                OccurredOn = act.OccurredOn,
                Statement = file.NameOf(act.Statement),
                Synthetic = act.Synthetic,
            },
        }, stage.Staff("intake-officer-1"), cancellation);
        narrator.Tell($"A1, {act.OccurredOn}: {act.Description}");
        narrator.Answer($"Intake keeps it as {recorded.AmplificationEvent.Name}");
    }

    private static async Task LedgerAsync(Stage stage, StoryRecord record, ScriptedStatement statement, string name, CancellationToken cancellation)
    {
        var state = RetractionState.Unknown;
        foreach (var entry in stage.Script.LedgerOf(statement))
        {
            var answer = await stage.AskAsync(stage.Archive.RecordRetractionEntryAsync, new RecordRetractionEntryRequest
            {
                RequestId = StepId.Of($"statement/{statement.Id}/retraction/{entry.Id}"),
                Parent = name,
                RetractionEntry = ToEntry(entry),
            }, stage.Staff("archivist-1"), cancellation);
            state = answer.RetractionState;
            if (entry.Finding == RetractionFinding.NoneFound)
            {
                record.SearchRecords[statement.Id] = answer.RetractionEntry.Name;
            }
        }

        if (statement.Retraction.Count > 0)
        {
            var entries = string.Join(", ", stage.Script.LedgerOf(statement).Select(static entry => $"{entry.Dated.Earliest[..4]} {Wire.Name(entry.Finding)}"));
            stage.Narrator.Answer($"{statement.Retraction.Count} dated entries about a retraction ({entries}) fold to {Wire.Name(state)}");
        }
    }

    /// <summary>Dated evidence about a retraction, as it is sent.</summary>
    internal static RetractionEntry ToEntry(ScriptedRetractionEntry entry) => new()
    {
        Finding = entry.Finding,
        Dated = entry.Dated.ToMessage(),
        Description = entry.Description,
        Searched = entry.Searched,
        Language = entry.Language,
        Synthetic = entry.Synthetic,
    };

    /// <summary>A statement, as it is sent.</summary>
    internal static RecordStatementRequest ToRequest(StatementsFile file, ScriptedStatement statement) => new()
    {
        RequestId = StepId.Of($"statement/{statement.Id}"),
        Parent = $"subjects/{file.Subject}",
        StatementId = statement.Id,
        Statement = new Statement
        {
            Speaker = $"subjects/{file.Subject}",
            Publisher = statement.Publisher,
            Amplifier = statement.Amplifier,
            ContentKind = statement.Content,
            Text = statement.Text,
            Language = statement.Language,
            Uttered = statement.Uttered.ToMessage(),
            Published = statement.Published?.ToMessage(),
            Reposted = { statement.Reposted.Select(static date => date.ToMessage()) },
            Claims = { statement.Claims.Select(static claim => new SourceClaim { Source = claim.Source, Topic = claim.Topic, Claim = claim.Claim }) },
        },
    };

    private static string Dated(ScriptedDate date)
    {
        var days = date.Latest.Length > 0 ? $"{date.Earliest} to {date.Latest}" : date.Earliest;
        return $"{days}, known to the {Wire.Name(date.Precision).ToLowerInvariant()}, confidence {Wire.Name(date.Confidence).ToLowerInvariant()}";
    }
}
