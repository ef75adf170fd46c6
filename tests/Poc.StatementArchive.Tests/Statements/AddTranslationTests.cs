using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Log;
using Poc.Kernel.Merkle;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Statements;

public sealed class AddTranslationTests(SharedArchive archive)
{
    [Fact]
    public async Task Counts_versions_within_each_language_and_keeps_them_all()
    {
        var statement = await archive.Client.RecordAsync(Some.Subject(), statement: Some.Statement("Слово", "ru"));
        var first = await AddAsync(statement.Name, "en", "Word");
        var german = await AddAsync(statement.Name, "de", "Wort");
        var second = await AddAsync(statement.Name, "en", "A word");
        Assert.Equal((1, 1, 2), (first.Version, german.Version, second.Version));

        var stored = (await archive.Client.GetStatementAsync(new GetStatementRequest { Name = statement.Name }, ArchiveService.Reviewer)).Statement;
        Assert.Equal([german, first, second], stored.Translations);
        Assert.Equal("Слово", stored.Text);
    }

    [Fact]
    public async Task Sent_at_once_they_get_different_versions()
    {
        var statement = await archive.Client.RecordAsync(Some.Subject());
        var added = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => AddAsync(statement.Name, "fr", $"mot {i}")));
        Assert.Equal(Enumerable.Range(1, 12), added.Select(translation => translation.Version).Order());
    }

    [Fact]
    public async Task Chains_its_entry_to_the_statement_and_tells_the_bus()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        var statement = await service.Client.RecordAsync("subjects/chain");
        await service.Client.AddTranslationAsync(Request(statement.Name, "de", "Wort"), ArchiveService.Archivist);
        await service.Client.AddTranslationAsync(Request(statement.Name, "fr", "mot"), ArchiveService.Archivist);

        var entries = (await database.Database.ReadAsync(
            tx => tx.QueryAsync("SELECT body FROM log_entries ORDER BY index", row => row.GetFieldValue<byte[]>(0)), CancellationToken.None));
        var parsed = entries.Select(entry => LogEntry.Parse(entry)).ToList();
        Assert.Equal([LogEntry.Kinds.Statement, LogEntry.Kinds.Translation, LogEntry.Kinds.Translation], parsed.Select(entry => entry.Kind));
        Assert.Single(parsed.Select(entry => entry.ObjectId).Distinct());
        Assert.Null(parsed[0].Predecessor);
        Assert.Equal(MerkleTree.HashLeaf(entries[0]), parsed[1].Predecessor);
        Assert.Equal(MerkleTree.HashLeaf(entries[1]), parsed[2].Predecessor);

        var events = await database.Database.ReadAsync(
            tx => tx.QueryAsync("SELECT version, body FROM outbox WHERE urn = 'poc.statement-archive.v1.translation-added' ORDER BY id", row =>
                (row.GetInt64(0), row.GetString(1))), CancellationToken.None);
        Assert.Equal([1L, 2L], events.Select(added => added.Item1));
        Assert.All(events, added => Assert.DoesNotContain("mot", added.Item2, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answers_a_repetition_with_what_it_answered_first()
    {
        var request = Request((await archive.Client.RecordAsync(Some.Subject())).Name, "en", "Word");
        var first = await archive.Client.AddTranslationAsync(request, ArchiveService.Archivist);
        Assert.Equal(first, await archive.Client.AddTranslationAsync(request, ArchiveService.Archivist));
    }

    [Fact]
    public async Task Needs_a_statement_that_is_there()
    {
        var refusal = await Some.RefusalAsync(
            archive.Client.AddTranslationAsync(Request("subjects/nobody/statements/none", "en", "Word"), ArchiveService.Archivist));
        Assert.Equal((StatusCode.NotFound, "STATEMENT_NOT_FOUND"), (refusal.Code, refusal.Reason));
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var request = new AddTranslationRequest { RequestId = "x", Parent = "y", Translation = new Translation() };
        Assert.Equal(
            ["parent", "request_id", "translation.language", "translation.text", "translation.translator"],
            (await Some.RefusalAsync(archive.Client.AddTranslationAsync(request, ArchiveService.Archivist))).Fields.Order(StringComparer.Ordinal));
        request.Translation = null;
        Assert.Contains("translation", (await Some.RefusalAsync(archive.Client.AddTranslationAsync(request, ArchiveService.Archivist))).Fields);
    }

    private async Task<Translation> AddAsync(string statement, string language, string text)
        => (await archive.Client.AddTranslationAsync(Request(statement, language, text), ArchiveService.Archivist)).Translation;

    private static AddTranslationRequest Request(string statement, string language, string text)
        => new()
        {
            RequestId = Some.RequestId(),
            Parent = statement,
            Translation = new Translation { Language = language, Text = text, Translator = "translator-handle" }
        };

}
