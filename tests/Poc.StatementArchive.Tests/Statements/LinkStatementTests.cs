using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.StatementArchive.Tests.Exports;

namespace Poc.StatementArchive.Tests.Statements;

/// <summary>How statements belong to one another and to captures.</summary>
public sealed class LinkStatementTests(SharedArchive archive)
{
    [Fact]
    public async Task A_clip_is_marked_with_what_is_missing_and_nothing_that_is_not_shorter_is_one()
    {
        var (original, clip, text) = (await RecordedAsync(272_000), await RecordedAsync(12_500), await RecordedAsync(0));
        var request = Link(clip, StatementLinkKind.ClipOf, original);
        var link = (await archive.Client.LinkStatementAsync(request, ArchiveService.Archivist)).Link;
        Assert.Equal((StatementLinkKind.ClipOf, original, 259_500, "staff/ada", "One sees it."), (link.Kind, link.Target, link.MissingMs, link.Author, link.Reason));
        Assert.Equal(link, (await archive.Client.LinkStatementAsync(request, ArchiveService.Archivist)).Link);
        Assert.Equal(link, Assert.Single((await GetAsync(clip)).Links));
        Assert.Empty((await GetAsync(clip)).Annotations);

        foreach (var (part, whole) in ((string, string)[])[(original, clip), (text, original), (clip, text)])
        {
            Assert.Equal(["link.target"], (await Some.RefusalAsync(archive.Client.LinkStatementAsync(Link(part, StatementLinkKind.ClipOf, whole), ArchiveService.Archivist))).Fields);
        }
    }

    [Fact]
    public async Task A_statement_is_linked_to_the_captures_that_show_it_and_to_what_it_repeats()
    {
        var (one, two) = (await RecordedAsync(0), await RecordedAsync(0));
        var captures = new[] { await ExportedBag.CaptureAsync(archive.Service, 100), await ExportedBag.CaptureAsync(archive.Service, 100) };
        foreach (var capture in captures)
        {
            await archive.Client.LinkStatementAsync(Link(one, StatementLinkKind.ShownBy, capture.Name), ArchiveService.Archivist);
        }

        await archive.Client.LinkStatementAsync(Link(two, StatementLinkKind.ShownBy, captures[0].Name), ArchiveService.Archivist);
        await archive.Client.LinkStatementAsync(Link(two, StatementLinkKind.RepostOf, one), ArchiveService.Archivist);
        Assert.Equal(captures.Select(capture => capture.Name), (await GetAsync(one)).Links.Select(link => link.Target));
        Assert.Equal([StatementLinkKind.ShownBy, StatementLinkKind.RepostOf], (await GetAsync(two)).Links.Select(link => link.Kind));

        Assert.Equal(["link.target"], await FieldsAsync(Link(one, StatementLinkKind.ShownBy, two)));
        Assert.Equal(["link.target"], await FieldsAsync(Link(one, StatementLinkKind.RepostOf, captures[0].Name)));
        Assert.Equal(["link.target"], await FieldsAsync(Link(one, StatementLinkKind.RepostOf, one)));
        Assert.Equal(["link"], await FieldsAsync(new LinkStatementRequest { RequestId = Some.RequestId(), Parent = one }));
        Assert.Equal("CAPTURE_NOT_FOUND", (await Some.RefusalAsync(archive.Client.LinkStatementAsync(
            Link(one, StatementLinkKind.ShownBy, $"captures/{Guid.Empty:D}"), ArchiveService.Archivist))).Reason);
        Assert.Equal("STATEMENT_NOT_FOUND", (await Some.RefusalAsync(archive.Client.LinkStatementAsync(
            Link(one, StatementLinkKind.RepostOf, one + "-x"), ArchiveService.Archivist))).Reason);
    }

    [Fact]
    public async Task What_is_much_alike_is_found_and_what_is_not_is_not()
    {
        const string words = "Птицы с рыбами не спорят о небе, и рыбы не спорят с птицами о реке";
        var one = await RecordedAsync(0, words);
        var (near, far) = (await RecordedAsync(0, words + ", говорят."), await RecordedAsync(0, "Совсем другое высказывание о погоде и о дорогах."));
        var translated = await RecordedAsync(0, "Birds do not argue.");
        await archive.Client.AddTranslationAsync(
            new AddTranslationRequest { RequestId = Some.RequestId(), Parent = translated, Translation = new Translation { Language = "ru", Text = words, Translator = "translator" } },
            ArchiveService.Archivist);
        await archive.Service.FollowedAsync();
        var found = (await archive.Client.ListSimilarStatementsAsync(new ListSimilarStatementsRequest { Parent = one }, ArchiveService.Reviewer)).Statements;
        Assert.Equal([translated, near], found.Select(similar => similar.Name));
        Assert.Equal(1, found[0].Similarity);
        Assert.InRange(found[1].Similarity, 0.7, 0.99);
        Assert.Empty((await archive.Client.ListSimilarStatementsAsync(new ListSimilarStatementsRequest { Parent = far }, ArchiveService.Reviewer)).Statements);
        Assert.Equal(StatusCode.NotFound, (await Some.RefusalAsync(archive.Client.ListSimilarStatementsAsync(
            new ListSimilarStatementsRequest { Parent = one + "-x" }, ArchiveService.Reviewer))).Code);
    }

    private async Task<string> RecordedAsync(long durationMs, string text = "A video.")
    {
        var statement = Some.Statement(text);
        statement.MediaDurationMs = durationMs;
        return (await archive.Client.RecordAsync(Some.Subject(), statement: statement)).Name;
    }

    private static LinkStatementRequest Link(string statement, StatementLinkKind kind, string target) => new()
    {
        RequestId = Some.RequestId(),
        Parent = statement,
        Link = new StatementLink { Kind = kind, Target = target, Reason = "One sees it." },
    };

    private async Task<Statement> GetAsync(string name) => (await archive.Client.GetStatementAsync(new GetStatementRequest { Name = name }, ArchiveService.Reviewer)).Statement;

    private async Task<IReadOnlyList<string>> FieldsAsync(LinkStatementRequest request)
        => (await Some.RefusalAsync(archive.Client.LinkStatementAsync(request, ArchiveService.Archivist))).Fields;
}
