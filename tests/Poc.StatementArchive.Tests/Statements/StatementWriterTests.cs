using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Log;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Statements;

/// <summary>Many callers at once: they are stored together, and each is answered for itself.</summary>
public sealed class StatementWriterTests
{
    [Fact]
    public async Task Each_of_many_callers_gets_what_it_is_due_and_none_takes_another_along()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        var taken = Some.Request("subjects/many", "taken");
        await service.Client.RecordStatementAsync(taken, ArchiveService.Archivist);

        // Beside those that are new: twins of one request, rivals for one name, a repetition, another request under its id, and a name that is taken.
        var twin = Some.Request("subjects/many", "twin");
        var (rival, other) = (Some.Request("subjects/many", "rival"), Some.Request("subjects/many", "rival", Some.Statement("Other words.")));
        var reused = taken.Clone();
        reused.StatementId = "reused";
        RecordStatementRequest[] odd = [twin, twin, rival, other, taken, reused, Some.Request("subjects/many", "taken", Some.Statement("Other words."))];
        var fresh = Enumerable.Range(0, 200).Select(i => Some.Request($"subjects/many-{i % 7}", $"fresh-{i}", Some.Statement($"Words {i}.")));
        var outcomes = await Task.WhenAll(odd.Concat(fresh).OrderBy(request => request.RequestId, StringComparer.Ordinal).Select(request => SendAsync(service, request)));

        Outcome[] Of(RecordStatementRequest request) => [.. outcomes.Where(outcome => ReferenceEquals(outcome.Request, request))];
        Assert.All(outcomes.Where(outcome => outcome.Request.StatementId.StartsWith("fresh-", StringComparison.Ordinal)), outcome =>
            Assert.Equal(($"{outcome.Request.Parent}/statements/{outcome.Request.StatementId}", outcome.Request.Statement.Text), (outcome.Answer!.Name, outcome.Answer.Text)));
        Assert.Equal([2, 1], [Of(twin).Length, Of(twin).Select(outcome => outcome.Answer!).Distinct().Count()]);
        Assert.Equal(["", "STATEMENT_EXISTS"], Of(rival).Concat(Of(other)).Select(outcome => outcome.Reason).Order(StringComparer.Ordinal));
        Assert.Equal("subjects/many/statements/taken", Of(taken).Single().Answer!.Name);
        Assert.Equal("REQUEST_ID_REUSED", Of(reused).Single().Reason);
        Assert.Equal("STATEMENT_EXISTS", Of(odd[^1]).Single().Reason);

        // What was answered is what is there, each once and each in the log at its place.
        var answers = outcomes.Where(outcome => outcome.Answer is not null).Select(outcome => outcome.Answer!).DistinctBy(answer => answer.Name).ToList();
        Assert.Equal(203, answers.Count);
        foreach (var answer in answers)
        {
            Assert.Equal(answer, (await service.Client.GetStatementAsync(new GetStatementRequest { Name = answer.Name }, ArchiveService.Archivist)).Statement);
            Assert.Equal(LogEntry.Kinds.Statement, LogEntry.Parse(answer.LogEntry.ToByteArray()).Kind);
        }

        Assert.Equal(Enumerable.Range(0, 203).Select(i => (long)i), answers.Select(answer => answer.LogIndex).Order());
        Assert.Equal(203, await database.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE urn = 'poc.statement-archive.v1.statement-recorded'"));
        // They did share transactions: without that this test would show nothing.
        Assert.True(await database.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM statements") < 150);
    }

    private static async Task<Outcome> SendAsync(ArchiveService service, RecordStatementRequest request)
    {
        try
        {
            return new Outcome(request, (await service.Client.RecordStatementAsync(request, ArchiveService.Archivist)).Statement, "");
        }
        catch (RpcException)
        {
            var (_, reason, _) = await Some.RefusalAsync(service.Client.RecordStatementAsync(request, ArchiveService.Archivist));
            return new Outcome(request, null, reason);
        }
    }

    private sealed record Outcome(RecordStatementRequest Request, Statement? Answer, string Reason);
}
