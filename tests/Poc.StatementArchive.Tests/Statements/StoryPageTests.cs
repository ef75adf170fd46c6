using Poc.Cli.Tests;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Story.Chapters;
using Poc.Story.Script;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Statements;

/// <summary>The statements of the reference story on one page each, as <c>poc archive show</c> prints them: what a reader must understand is on it.</summary>
public sealed class StoryPageTests(SharedArchive archive)
{
    private const int PageLines = 80;

    [Fact]
    public async Task S1_says_what_is_known_by_whom_and_how_sure_and_sets_the_claims_side_by_side()
    {
        var page = await ShowAsync("s1");

        Contains(
            page,
            "A neutral description: the words are not at hand verbatim.",

            // At a glance.
            "  - known: {subject} said it; when: 2007-09, day not known; confidence low.",
            "  - shown by: no capture on record; there is a description alone.",
            "  - disputed: target group (3 sources, 3 accounts, below).",
            "  - retracted: in part at most, and stood by again later.",

            // Who said, published and spread it are three.
            "  said by       {subject}",
            "  published by  own-video-channel",
            "  spread by     columnist-account",
            "  said          2007-09, day not known; confidence low (sources are few, indirect or at odds)",
            "  published     2007-09, day not known; confidence low (sources are few, indirect or at odds)",
            "  spread        2021-01-19; confidence high (independent sources agree)",

            // Nobody is believed more than the others.
            "target group: sources disagree; the archive keeps them side by side and takes no side",
            "  - source-a says: The comparison is aimed at one group (recorded as group A).",
            "  - source-b says: The comparison is aimed at another group (recorded as group B), not at group A.",
            "  - source-c says: The video does not make clear at whom the comparison is aimed.",

            // Which rendering is meant, and whether anybody else has read it.
            "Translation into de, version 1, by translator-3",
            "Translation into ru, version 1, by translator-1 (superseded by version 2)",
            "Translation into ru, version 2, by translator-2",
            "  Nobody else has read it.",

            // The evidence in the order of its days, and what of it was invented for the demonstration.
            "Retracted?  In part at most, and stood by again later.",
            "  2013, month not known; confidence medium (one good source, or several weaker ones that agree)",
            "    for a partial retraction: In an election campaign the rhetoric was reduced; no disavowal is on",
            "  2017, month not known; confidence medium (one good source, or several weaker ones that agree)",
            "    against a retraction: An interview that is reported as not regretting the earlier words.",
            "  2020-10, day not known; confidence medium (one good source, or several weaker ones that agree)",
            "    against a retraction: A further interview that is reported as not regretting the earlier words.",
            "  2021-02-15; confidence high (independent sources agree)",
            "    a search that found none: Dated search for a retraction; none was found. (searched: Own",
            "    the search; words for regret, apology, retraction.; synthetic)",
            "  for outsiders: poc archive export {subject}/statements/s1 --out DIR --recipient WHO --purpose WHY");
    }

    [Fact]
    public async Task S2_does_not_look_disputed_or_spread_where_nobody_says_so()
    {
        var page = await ShowAsync("s2");

        Contains(
            page,
            "  - known: {subject} said it; when: 2007-10, day not known; confidence low.",
            "  - disputed: no conflicting claims on record.",
            "  - retracted: in part at most, and stood by again later.",
            "  spread by     not known",
            "  spread        no re-post on record");
        Assert.DoesNotContain(page.Lines, static line => line.Contains("sources disagree", StringComparison.Ordinal) || line.Contains(" says: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task S3_shows_that_nobody_specifies_it()
    {
        var page = await ShowAsync("s3");

        Contains(
            page,
            "Somebody reports that such statements exist and specifies none: never citable.",
            "  - known: {subject} said it; when: some day from 2007-01-01 to 2008-12-31; confidence low.",
            "  - shown by: nothing.",
            "  - retracted: not known: nothing is on record either way.");
    }

    // In this order, other lines between them.
    private static void Contains((string Subject, IReadOnlyList<string> Lines) page, params string[] expected)
    {
        var at = -1;
        foreach (var line in expected.Select(line => line.Replace("{subject}", page.Subject, StringComparison.Ordinal)))
        {
            var found = Enumerable.Range(at + 1, page.Lines.Count - at - 1).FirstOrDefault(index => page.Lines[index] == line, -1);
            Assert.True(found > at, $"Not there, or not in its place: {line}\n{string.Join('\n', page.Lines)}");
            at = found;
        }
    }

    private async Task<(string Subject, IReadOnlyList<string> Lines)> ShowAsync(string id)
    {
        var subject = Some.Subject("story");
        var script = StoryScript.Load(Path.Combine(AppContext.BaseDirectory, "data"));
        var statement = script.Statements.Statements.Single(statement => statement.Id == id);
        var request = Evidence.ToRequest(script.Statements, statement);
        (request.RequestId, request.Parent, request.Statement.Speaker) = (Some.RequestId(), subject, subject);
        var name = (await archive.Client.RecordStatementAsync(request, ArchiveService.Archivist)).Statement.Name;
        foreach (var translation in statement.Translations)
        {
            await archive.Client.AddTranslationAsync(
                new()
                {
                    RequestId = Some.RequestId(),
                    Parent = name,
                    Translation = new() { Language = translation.Language, Text = translation.Text, Translator = translation.Translator },
                },
                ArchiveService.Archivist);
        }

        // Recorded last first: the page has them by their days.
        foreach (var entry in script.LedgerOf(statement).Reverse())
        {
            await archive.Client.RecordRetractionEntryAsync(
                new() { RequestId = Some.RequestId(), Parent = name, RetractionEntry = Evidence.ToEntry(entry) }, ArchiveService.Archivist);
        }

        var shown = await CommandLine.RunAsync(
            Servers.Folder, "archive", "show", name, "--archive", $"http://{archive.Service.Channel.Target}",
            "--token", ArchiveService.Staff(Roles.Auditor).GetValue("authorization")!["Bearer ".Length..]);
        Assert.True(shown.ExitCode == 0, shown.Errors);
        var lines = shown.Output.Split(Environment.NewLine);
        Assert.InRange(lines.Length, 20, PageLines);
        Assert.All(lines, static line => Assert.InRange(line.Length, 0, 140));
        return (subject, lines);
    }
}
