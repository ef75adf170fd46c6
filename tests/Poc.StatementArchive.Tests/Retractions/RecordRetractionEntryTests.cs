using System.Text;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Kernel.Log;
using Poc.StatementArchive.Retractions;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Retractions;

public sealed class RecordRetractionEntryTests(SharedArchive archive)
{
    [Fact]
    public async Task Adds_evidence_and_says_what_the_ledger_folds_to()
    {
        var name = (await archive.Client.RecordAsync(Some.Subject())).Name;
        var against = await RecordAsync(name, RetractionFinding.Against, Some.Year(2017));
        var partial = await RecordAsync(name, RetractionFinding.Partial, Some.Year(2013));
        var search = await RecordAsync(name, RetractionFinding.NoneFound, Some.Day("2021-02-10"));
        Assert.Equal([RetractionState.Reaffirmed, RetractionState.Restated, RetractionState.Restated],
            new[] { against, partial, search }.Select(answer => answer.RetractionState));
        Assert.StartsWith(name + "/retractionEntries/", search.RetractionEntry.Name, StringComparison.Ordinal);

        var ledger = await archive.Client.ListRetractionEntriesAsync(new ListRetractionEntriesRequest { Parent = name }, ArchiveService.Reviewer);
        Assert.Equal([partial.RetractionEntry, against.RetractionEntry, search.RetractionEntry], ledger.RetractionEntries);
        Assert.Equal(RetractionState.Restated, ledger.RetractionState);
        Assert.Equal(RetractionState.Restated,
            (await archive.Client.GetStatementAsync(new GetStatementRequest { Name = name }, ArchiveService.Reviewer)).Statement.RetractionState);
    }

    [Fact]
    public async Task The_state_kept_for_search_is_what_the_entries_fold_to()
    {
        var name = (await archive.Client.RecordAsync(Some.Subject())).Name;
        await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => RecordAsync(name, i % 3 == 0 ? RetractionFinding.Full : RetractionFinding.Against, Some.Year(2000 + i))));
        var ledger = await archive.Client.ListRetractionEntriesAsync(new ListRetractionEntriesRequest { Parent = name }, ArchiveService.Reviewer);
        Assert.Equal(10, ledger.RetractionEntries.Count);
        Assert.Equal(
            RetractionFold.NameOf(RetractionFold.Of(ledger.RetractionEntries)),
            await archive.Database.ScalarAsync<string>("SELECT state FROM retraction_states JOIN statements USING (statement_id) WHERE name = $1", name));
    }

    [Fact]
    public async Task Puts_an_entry_into_the_log_that_commits_to_it_without_its_words()
    {
        var answer = await RecordAsync((await archive.Client.RecordAsync(Some.Subject())).Name, RetractionFinding.Full, Some.Year(2013));
        var body = await archive.Database.ScalarAsync<byte[]>("SELECT body FROM log_entries WHERE index = $1", answer.RetractionEntry.LogIndex);
        var entry = LogEntry.Parse(body);
        Assert.Equal(LogEntry.Kinds.Retraction, entry.Kind);
        Assert.NotNull(entry.Predecessor);
        Assert.NotNull(entry.RecordCommitment);
        Assert.DoesNotContain("evidence", Encoding.UTF8.GetString(body), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Tells_the_bus_the_number_of_the_entry()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        var name = (await service.Client.RecordAsync("subjects/ledger")).Name;
        await service.Client.RecordRetractionEntryAsync(Some.Entry(name, RetractionFinding.Full, Some.Year(2013)), ArchiveService.Archivist);
        await service.Client.RecordRetractionEntryAsync(Some.Entry(name, RetractionFinding.Against, Some.Year(2017)), ArchiveService.Archivist);
        var events = await database.Database.ReadAsync(
            tx => tx.QueryAsync("SELECT version, body FROM outbox WHERE urn = 'poc.statement-archive.v1.retraction-recorded' ORDER BY id", row =>
                (row.GetInt64(0), row.GetString(1))), CancellationToken.None);
        Assert.Equal([1L, 2L], events.Select(recorded => recorded.Item1));
        Assert.Contains("\"RESTATED\"", events[1].Item2, StringComparison.Ordinal);
        Assert.All(events, recorded => Assert.DoesNotContain("description", recorded.Item2, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Answers_a_repetition_with_what_it_answered_first()
    {
        var request = Some.Entry((await archive.Client.RecordAsync(Some.Subject())).Name, RetractionFinding.Full, Some.Year(2013));
        var first = await archive.Client.RecordRetractionEntryAsync(request, ArchiveService.Archivist);
        Assert.Equal(first, await archive.Client.RecordRetractionEntryAsync(request, ArchiveService.Archivist));
        Assert.Single((await archive.Client.ListRetractionEntriesAsync(
            new ListRetractionEntriesRequest { Parent = request.Parent }, ArchiveService.Reviewer)).RetractionEntries);
    }

    [Fact]
    public async Task Needs_a_statement_that_is_there()
    {
        var request = Some.Entry("subjects/nobody/statements/none", RetractionFinding.Full, Some.Year(2013));
        Assert.Equal("STATEMENT_NOT_FOUND", (await Some.RefusalAsync(archive.Client.RecordRetractionEntryAsync(request, ArchiveService.Archivist))).Reason);
        var refusal = await Some.RefusalAsync(
            archive.Client.ListRetractionEntriesAsync(new ListRetractionEntriesRequest { Parent = request.Parent }, ArchiveService.Reviewer));
        Assert.Equal((StatusCode.NotFound, "STATEMENT_NOT_FOUND"), (refusal.Code, refusal.Reason));
    }

    [Fact]
    public async Task A_search_that_found_none_says_when_and_where()
    {
        var request = Some.Entry("subjects/x/statements/y1", RetractionFinding.NoneFound, new UncertainDate { Precision = DatePrecision.Unknown });
        request.RetractionEntry.Searched = " ";
        Assert.Equal(["retraction_entry.searched", "retraction_entry.dated"],
            (await Some.RefusalAsync(archive.Client.RecordRetractionEntryAsync(request, ArchiveService.Archivist))).Fields);
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var request = new RecordRetractionEntryRequest { RequestId = "x", Parent = "y", RetractionEntry = new RetractionEntry { Language = "?" } };
        Assert.Equal(
            ["parent", "request_id", "retraction_entry.dated", "retraction_entry.description", "retraction_entry.finding", "retraction_entry.language"],
            (await Some.RefusalAsync(archive.Client.RecordRetractionEntryAsync(request, ArchiveService.Archivist))).Fields.Order(StringComparer.Ordinal));
    }

    private async Task<RecordRetractionEntryResponse> RecordAsync(string statement, RetractionFinding finding, UncertainDate dated)
        => await archive.Client.RecordRetractionEntryAsync(Some.Entry(statement, finding, dated), ArchiveService.Archivist);
}
