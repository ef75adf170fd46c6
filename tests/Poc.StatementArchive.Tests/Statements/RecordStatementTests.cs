using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Kernel.Log;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Statements;

public sealed class RecordStatementTests(SharedArchive archive)
{
    [Fact]
    public async Task Archives_a_statement_with_all_that_was_said_about_it()
    {
        var subject = Some.Subject();
        var sent = Some.Statement("Слово не воробей 😀", "ru");
        var stored = await archive.Client.RecordAsync(subject, "first-words", sent);

        Assert.Equal($"{subject}/statements/first-words", stored.Name);
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(sent.Text)), stored.ContentSha256.ToByteArray());
        Assert.Equal(RetractionState.Unknown, stored.RetractionState);
        Assert.InRange(stored.CapturedAt.ToDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(1));
        var expected = sent.Clone();
        (expected.Name, expected.ContentSha256, expected.CapturedAt, expected.LogIndex, expected.RetractionState)
            = (stored.Name, stored.ContentSha256, stored.CapturedAt, stored.LogIndex, stored.RetractionState);
        (expected.LogEntry, expected.CommitmentNonce) = (stored.LogEntry, stored.CommitmentNonce);
        Assert.Equal(expected, stored);
        Assert.Equal(stored, (await archive.Client.GetStatementAsync(new GetStatementRequest { Name = stored.Name }, ArchiveService.Reviewer)).Statement);
    }

    [Fact]
    public async Task Puts_an_entry_into_the_log_that_commits_to_it_and_names_nobody()
    {
        var subject = Some.Subject("named-person");
        var stored = await archive.Client.RecordAsync(subject, statement: Some.Statement("Words that nobody may read in a log."));
        var body = await archive.Database.ScalarAsync<byte[]>("SELECT body FROM log_entries WHERE index = $1", stored.LogIndex);
        var entry = LogEntry.Parse(body);

        Assert.Equal((LogEntry.Kinds.Statement, 36L, "text/plain"), (entry.Kind, entry.Size, entry.MediaType));
        Assert.Equal(Commitment.Of(stored.CommitmentNonce.Span, stored.ContentSha256.Span), entry.Commitment);
        var text = Encoding.UTF8.GetString(body);
        // With what surrounds a name in JSON: three such letters alone turn up in a hash now and then.
        Assert.All(["named-person", "Words", "handle", "example", "\"ada\"", "/ada", Convert.ToHexStringLower(stored.ContentSha256.Span)], word =>
            Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Tells_the_bus_in_the_same_transaction()
    {
        // Written without a relay that could take it away: no bus is there.
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        var stored = await service.Client.RecordAsync("subjects/alone");
        var body = await database.ScalarAsync<string>(
            "SELECT body FROM outbox WHERE urn = 'poc.statement-archive.v1.statement-recorded' AND aggregate = $1 AND version = 1", stored.Name);
        Assert.Contains(Convert.ToHexStringLower(stored.ContentSha256.Span), body, StringComparison.Ordinal);
        Assert.DoesNotContain(stored.Text, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_a_repetition_with_what_it_answered_first()
    {
        var request = Some.Request(Some.Subject());
        var first = await archive.Client.RecordStatementAsync(request, ArchiveService.Archivist);
        Assert.Equal(first, await archive.Client.RecordStatementAsync(request, ArchiveService.Archivist));
        Assert.Equal(1, await archive.Database.ScalarAsync<long>("SELECT count(*) FROM statements WHERE name = $1", first.Statement.Name));
    }

    [Fact]
    public async Task Twins_sent_at_once_are_archived_once()
    {
        var request = Some.Request(Some.Subject());
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => archive.Client.RecordStatementAsync(request, ArchiveService.Archivist).ResponseAsync));
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task Refuses_a_request_id_that_stands_for_another_statement()
    {
        var request = Some.Request(Some.Subject());
        await archive.Client.RecordStatementAsync(request, ArchiveService.Archivist);
        request.Statement.Text = "Something else.";
        Assert.Equal((StatusCode.AlreadyExists, "REQUEST_ID_REUSED"),
            Short(await Some.RefusalAsync(archive.Client.RecordStatementAsync(request, ArchiveService.Archivist))));
    }

    [Fact]
    public async Task Never_overwrites_a_statement()
    {
        var subject = Some.Subject();
        var first = await archive.Client.RecordAsync(subject);
        var refusal = await Some.RefusalAsync(
            archive.Client.RecordStatementAsync(Some.Request(subject, statement: Some.Statement("Other words.")), ArchiveService.Archivist));
        Assert.Equal((StatusCode.AlreadyExists, "STATEMENT_EXISTS"), Short(refusal));
        Assert.Equal(first.Text,
            (await archive.Client.GetStatementAsync(new GetStatementRequest { Name = first.Name }, ArchiveService.Reviewer)).Statement.Text);
    }

    [Fact]
    public async Task The_database_itself_refuses_to_change_or_remove_evidence()
    {
        var stored = await archive.Client.RecordAsync(Some.Subject());
        string[] attempts =
        [
            "UPDATE statements SET sealed = 'other' WHERE name = '" + stored.Name + "'", "DELETE FROM statements WHERE name = '" + stored.Name + "'",
            "UPDATE log_entries SET body = 'x'",
                "DELETE FROM log_entries", "UPDATE log_nodes SET hash = sha256('x')", "DELETE FROM log_tree_heads", "DELETE FROM log_checkpoints",
            "TRUNCATE statements CASCADE",
        ];
        await Assert.AllAsync(attempts, async sql =>
            Assert.Equal("23001", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => archive.Database.ExecuteAsync(sql))).SqlState));
    }

    [Fact]
    public async Task Takes_the_longest_statement_and_none_longer()
    {
        var subject = Some.Subject();
        var longest = await archive.Client.RecordAsync(subject, "longest", Some.Statement(new string('я', 1_000_000)));
        Assert.Equal(1_000_000, longest.Text.Length);
        var refusal = await Some.RefusalAsync(
            archive.Client.RecordStatementAsync(Some.Request(subject, "longer", Some.Statement(new string('я', 1_000_001))), ArchiveService.Archivist));
        Assert.Equal(["statement.text"], refusal.Fields);
    }

    [Fact]
    public async Task Takes_a_hundred_claims_and_reposts_and_no_more()
    {
        var statement = Some.Statement();
        statement.Claims.Add(Enumerable.Repeat(statement.Claims[0], 98));
        statement.Reposted.Add(Enumerable.Repeat(statement.Reposted[0], 99));
        var subject = Some.Subject();
        Assert.Equal((100, 100), ((await archive.Client.RecordAsync(subject, "most", statement)).Claims.Count, statement.Reposted.Count));
        statement.Claims.Add(statement.Claims[0]);
        statement.Reposted.Add(statement.Reposted[0]);
        var refusal = await Some.RefusalAsync(archive.Client.RecordStatementAsync(Some.Request(subject, "more", statement), ArchiveService.Archivist));
        Assert.Equal(["statement.reposted", "statement.claims"], refusal.Fields);
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var refusal = await Some.RefusalAsync(archive.Client.RecordStatementAsync(new RecordStatementRequest
        {
            RequestId = "1",
            Parent = "people/x",
            StatementId = "UPPER",
            Statement = new Statement
            {
                Text = "a\0b",
                Language = "russian language",
                MediaDurationMs = -1,
                Uttered = new UncertainDate { Precision = DatePrecision.Day, Earliest = "2007-02-30" },
                Published = new UncertainDate(),
                Reposted = { Some.Day("3000-01-01") },
                Claims = { new SourceClaim() },
            },
        }, ArchiveService.Archivist));
        Assert.Equal((StatusCode.InvalidArgument, "FIELD_INVALID"), Short(refusal));
        Assert.Equal(
            [
                "parent", "request_id",
                    "statement.claims[0].claim", "statement.claims[0].source", "statement.claims[0].topic", "statement.content_kind", "statement.language",
                "statement.media_duration_ms",
                    "statement.published.precision", "statement.reposted[0]", "statement.speaker", "statement.text", "statement.uttered", "statement_id",
            ],
            refusal.Fields.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Needs_a_statement()
        => Assert.Equal(["statement"], (await Some.RefusalAsync(archive.Client.RecordStatementAsync(
            new RecordStatementRequest { RequestId = Some.RequestId(), Parent = "subjects/x", StatementId = "s1" }, ArchiveService.Archivist))).Fields);

    private static (StatusCode, string) Short((StatusCode Code, string Reason, IReadOnlyList<string>) refusal) => (refusal.Code, refusal.Reason);
}
