using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Log;
using Poc.LocalHost.Servers;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Tests.Exports;
using Poc.Testing;
using Poc.Verify;
using Verdict = Poc.Contracts.StatementArchive.V1.CitationFinding.Types.Verdict;

namespace Poc.StatementArchive.Tests.Erasures;

/// <summary>What was erased is nowhere any more, and its proof is.</summary>
public sealed class ErasureTests(SharedArchive archive)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_what_was_erased_nothing_is_found_in_databases_restored_dumps_queues_logs_or_traces_and_its_proof_still_verifies()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var keyStore = await TestDatabase.CreateAsync(KeyStore.ConnectionName);
        var settings = new Dictionary<string, string?> { [$"ConnectionStrings:{KeyStore.ConnectionName}"] = keyStore.ConnectionString };
        await using var collector = await OtlpCollector.StartAsync(Ended);
        foreach (var (name, value) in collector.Settings)
        {
            settings[name] = value;
        }

        var bus = await Servers.NewBusAsync();
        var canary = $"kanarienvogel{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, bus, settings);
        var (statement, capture) = await FillAsync(service, canary);
        var kept = await service.Client.RecordAsync("subjects/kept", statement: Some.Statement("Words that stay."));

        // It was there to be found: where words are searched, and nowhere else in the clear.
        await service.FollowedAsync();
        var before = await DumpAsync(database);
        Assert.Contains(canary, before, StringComparison.Ordinal);
        Assert.All(before.Split('\n').Where(line => IsIn(line, canary)), line => Assert.Matches("^([0-9a-f-]{36}\t[a-z]*\t[0-9]+\t|[a-z0-9]+\t[0-9]+$)", line));
        Assert.Single((await SearchAsync(service, canary)).Statements);

        var erasure = await EraseAsync(service, statement);
        await EraseAsync(service, capture);

        Assert.False(IsIn(await DumpAsync(database), canary));
        Assert.False(IsIn(await DumpAsync(keyStore), canary));
        Assert.False(IsIn(service.Output, canary));
        // What was sent of the calls by which it came, was found and went.
        await Eventually.BecomesTrueAsync(() => ((string[])["RecordStatement", "SearchStatements", "ConfirmErasure"]).All(method => collector.Has("/v1/traces", method)));
        Assert.DoesNotContain(collector.Received, message => IsIn(message, canary));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Servers.Folder, "rabbitmq"), "*", SearchOption.AllDirectories))
        {
            Assert.False(IsIn(Encoding.Latin1.GetString(await ReadAsync(file)), canary), file);
        }

        Assert.Empty((await SearchAsync(service, canary)).Statements);
        await AssertProvenAsync(service, statement, capture, erasure);

        // What a backup brings back goes again before anybody is answered.
        var restored = await RestoreAsync(before);
        await using var again = await ArchiveService.StartAsync(restored.ConnectionString, bus, settings);
        Assert.Empty((await SearchAsync(again, canary)).Statements);
        var gone = (await again.Client.GetStatementAsync(new GetStatementRequest { Name = statement }, ArchiveService.Archivist)).Statement;
        Assert.Equal((erasure.Reason, erasure.Authority, erasure.ErasedAt, ""), (gone.Erasure.Reason, gone.Erasure.Authority, gone.Erasure.ErasedAt, gone.Text));
        Assert.False(IsIn(await DumpAsync(restored), canary));
        Assert.False(IsIn(again.Output, canary));
        Assert.Equal("Words that stay.", (await again.Client.GetStatementAsync(new GetStatementRequest { Name = kept.Name }, ArchiveService.Archivist)).Statement.Text);
        await restored.DisposeAsync();
    }

    [Fact]
    public async Task A_key_store_that_came_back_forgets_again_what_the_archive_knows_to_be_erased()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var keyStore = await TestDatabase.CreateAsync(KeyStore.ConnectionName);
        var settings = new Dictionary<string, string?> { [$"ConnectionStrings:{KeyStore.ConnectionName}"] = keyStore.ConnectionString };
        string statement;
        TestDatabase old;
        await using (var service = await ArchiveService.StartAsync(database.ConnectionString, settings: settings))
        {
            statement = (await service.Client.RecordAsync("subjects/erased")).Name;
            old = await RestoreAsync(await DumpAsync(keyStore));
            await EraseAsync(service, statement);
        }

        var objectId = await database.ScalarAsync<Guid>("SELECT object_id FROM erased_objects");
        Assert.Equal(1, await old.ScalarAsync<long>("SELECT count(*) FROM object_secrets WHERE object_id = $1", objectId));
        settings[$"ConnectionStrings:{KeyStore.ConnectionName}"] = old.ConnectionString;
        await using var again = await ArchiveService.StartAsync(database.ConnectionString, settings: settings);
        Assert.Equal(0, await old.ScalarAsync<long>("SELECT count(*) FROM object_secrets WHERE object_id = $1", objectId));
        Assert.Equal(1, await old.ScalarAsync<long>("SELECT count(*) FROM erasures WHERE object_id = $1", objectId));
        await Assert.ThrowsAsync<PostgresException>(() => old.ExecuteAsync("INSERT INTO object_secrets VALUES ($1, 'test', 'x')", objectId));
        await old.DisposeAsync();
    }

    [Fact]
    public async Task An_erasure_that_a_crash_cut_short_is_finished()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        var statement = (await service.Client.RecordAsync("subjects/erased")).Name;
        var objectId = await database.ScalarAsync<Guid>("SELECT statement_id FROM statements");
        var proposal = await ProposeAsync(service, statement);
        await service.KillAsync();

        // As far as a process came that ended between its two databases.
        using (var keys = TestKeys.Open())
        {
            await keys.EraseAsync(
                new ErasedKey(
                    objectId,
                    $$"""{"authority":"Court X","confirmed_by":"staff/grace","object":"{{objectId}}","proposal":"{{proposal.Name["erasures/".Length..]}}","proposed_by":"staff/ada","reason":"LegalOrder"}""",
                    "staff/grace", TimeProvider.System.GetUtcNow()),
                Ended);
        }

        await service.StartAgainAsync();
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM statements"));
        var erased = (await service.Client.GetStatementAsync(new GetStatementRequest { Name = statement }, ArchiveService.Archivist)).Statement;
        Assert.Equal(("staff/ada", "staff/grace"), (erased.Erasure.ProposedBy, erased.Erasure.ConfirmedBy));
        // Who confirms again, for having got no answer, gets it now.
        Assert.Equal(erased.Erasure, (await ConfirmAsync(service, proposal)).Erasure);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE urn = 'poc.statement-archive.v1.statement-erased'"));
    }

    [Fact]
    public async Task Two_people_erase_and_what_is_erased_does_not_come_back()
    {
        var request = Some.Request(Some.Subject("erased"));
        var statement = (await archive.Client.RecordStatementAsync(request, ArchiveService.Archivist)).Statement.Name;
        Assert.Equal((StatusCode.NotFound, "ERASURE_NOT_FOUND"), await RefusalAsync(archive.Client.ConfirmErasureAsync(
            new ConfirmErasureRequest { Name = $"erasures/{Guid.CreateVersion7()}" }, ArchiveService.Administrator)));
        Assert.Equal((StatusCode.NotFound, "STATEMENT_NOT_FOUND"), await RefusalAsync(archive.Client.ProposeErasureAsync(Proposal(statement + "-x"), ArchiveService.Archivist)));
        var (proposal, other) = (await ProposeAsync(archive.Service, statement), await ProposeAsync(archive.Service, statement, ErasureReason.Danger));
        Assert.Null(proposal.Erasure);

        Assert.Equal((StatusCode.PermissionDenied, "ERASURE_NEEDS_ANOTHER_PERSON"), await RefusalAsync(archive.Client.ConfirmErasureAsync(
            new ConfirmErasureRequest { Name = proposal.Name }, ArchiveService.Archivist)));
        Assert.NotEmpty((await GetAsync(statement)).Text);
        var confirmed = await ConfirmAsync(archive.Service, proposal);
        Assert.Equal(confirmed, await ConfirmAsync(archive.Service, proposal));
        Assert.Equal(("staff/ada", "staff/grace"), (confirmed.Erasure.ProposedBy, confirmed.Erasure.ConfirmedBy));
        Assert.Equal((StatusCode.FailedPrecondition, "OBJECT_ERASED"), await RefusalAsync(archive.Client.ConfirmErasureAsync(
            new ConfirmErasureRequest { Name = other.Name }, ArchiveService.Administrator)));

        var gone = await GetAsync(statement);
        Assert.Equal(("", confirmed.Erasure), (gone.Text, gone.Erasure));
        Assert.Equal(LogEntry.Kinds.Statement, LogEntry.Parse(gone.LogEntry.ToByteArray()).Kind);
        Assert.Equal((StatusCode.FailedPrecondition, "OBJECT_ERASED"), await RefusalAsync(archive.Client.RecordRetractionEntryAsync(
            Some.Entry(statement, RetractionFinding.Full, Some.Year(2020)), ArchiveService.Archivist)));
        Assert.Equal((StatusCode.FailedPrecondition, "OBJECT_ERASED"), await RefusalAsync(archive.Client.ListRetractionEntriesAsync(
            new ListRetractionEntriesRequest { Parent = statement }, ArchiveService.Archivist)));
        Assert.Equal((StatusCode.FailedPrecondition, "OBJECT_ERASED"), await RefusalAsync(archive.Client.ProposeErasureAsync(Proposal(statement), ArchiveService.Archivist)));
        // Neither under its name nor by a repetition of the request that brought it.
        request.RequestId = Some.RequestId();
        Assert.Equal((StatusCode.AlreadyExists, "STATEMENT_EXISTS"), await RefusalAsync(archive.Client.RecordStatementAsync(request, ArchiveService.Archivist)));
        Assert.Equal([statement], (await archive.Client.CheckStatementsAsync(new CheckStatementsRequest { Names = { statement } }, ArchiveService.Intake)).UnknownNames);

        var listed = (await archive.Client.ListErasuresAsync(new ListErasuresRequest { PageSize = 500 }, ArchiveService.Auditor)).Erasures;
        Assert.Contains(confirmed, listed);
        var custody = (await archive.Client.ListCustodyAsync(new ListCustodyRequest { Parent = statement }, ArchiveService.Auditor)).Events;
        Assert.Equal(["statement", "erased"], custody.Select(entry => entry.Kind));
        Assert.Equal(["staff/ada", "staff/grace"], custody.Select(entry => entry.Actor));
    }

    [Fact]
    public async Task A_capture_that_was_erased_is_not_taken_again()
    {
        var capture = await ExportedBag.CaptureAsync(archive.Service, 1_000);
        await EraseAsync(archive.Service, capture.Name);
        using var reading = archive.Client.ReadCapture(new ReadCaptureRequest { Name = capture.Name }, ArchiveService.Reviewer);
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => reading.ResponseStream.MoveNext(Ended))).StatusCode);

        using var call = archive.Client.RecordCapture(ArchiveService.Intake);
        capture.Name = "";
        await call.RequestStream.WriteAsync(new RecordCaptureRequest { Capture = capture }, Ended);
        await call.RequestStream.CompleteAsync();
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
        Assert.Equal(0, await archive.Database.ScalarAsync<long>(
            "SELECT count(*) FROM capture_chunks WHERE capture_id = (SELECT object_id FROM erased_objects WHERE source = $1)", capture.Source));
    }

    [Fact]
    public async Task A_legal_hold_forbids_erasure_to_the_service_and_to_the_databases_own_role()
    {
        var statement = (await archive.Client.RecordAsync(Some.Subject("held"))).Name;
        var proposal = await ProposeAsync(archive.Service, statement);
        var request = new PlaceLegalHoldRequest { RequestId = Some.RequestId(), Parent = statement, Reason = "A case that turns on it.", Authority = "Court Y" };
        var hold = (await archive.Client.PlaceLegalHoldAsync(request, ArchiveService.Archivist)).LegalHold;
        Assert.Equal(hold, (await archive.Client.PlaceLegalHoldAsync(request, ArchiveService.Archivist)).LegalHold);
        request.RequestId = Some.RequestId();
        var second = (await archive.Client.PlaceLegalHoldAsync(request, ArchiveService.Archivist)).LegalHold;
        Assert.Equal((statement, "A case that turns on it.", "Court Y", "staff/ada"), (hold.Object, hold.Reason, hold.Authority, hold.PlacedBy));
        Assert.True((await GetAsync(statement)).LegalHold);

        foreach (var open in (LegalHold[])[hold, second])
        {
            Assert.Equal((StatusCode.FailedPrecondition, "LEGAL_HOLD_PLACED"), await RefusalAsync(archive.Client.ConfirmErasureAsync(
                new ConfirmErasureRequest { Name = proposal.Name }, ArchiveService.Administrator)));
            Assert.Equal((StatusCode.FailedPrecondition, "LEGAL_HOLD_PLACED"), await RefusalAsync(archive.Client.ProposeErasureAsync(Proposal(statement), ArchiveService.Archivist)));
            // Even with a row that says that it is erased.
            var refused = await Assert.ThrowsAsync<PostgresException>(() => archive.Database.Database.InTransactionAsync(async tx =>
            {
                await tx.ExecuteAsync("""
                    INSERT INTO erased_objects SELECT statement_id, name, NULL, captured_at, '{}', entry_id, now() FROM statements WHERE name = $1
                    """, statement);
                return await tx.ExecuteAsync("DELETE FROM statements WHERE name = $1", statement);
            }, Ended));
            Assert.Equal(PostgresErrorCodes.RestrictViolation, refused.SqlState);

            var lift = new LiftLegalHoldRequest { RequestId = Some.RequestId(), Name = open.Name, Reason = "The case is closed." };
            var lifted = (await archive.Client.LiftLegalHoldAsync(lift, ArchiveService.Archivist)).LegalHold;
            Assert.Equal(lifted, (await archive.Client.LiftLegalHoldAsync(lift, ArchiveService.Archivist)).LegalHold);
            Assert.Equal(("The case is closed.", "staff/ada", open.PlacedAt), (lifted.LiftReason, lifted.LiftedBy, lifted.PlacedAt));
            lift.RequestId = Some.RequestId();
            Assert.Equal((StatusCode.FailedPrecondition, "LEGAL_HOLD_LIFTED"), await RefusalAsync(archive.Client.LiftLegalHoldAsync(lift, ArchiveService.Archivist)));
        }

        Assert.False((await GetAsync(statement)).LegalHold);
        Assert.Equal(2, (await archive.Client.ListLegalHoldsAsync(new ListLegalHoldsRequest { Parent = statement }, ArchiveService.Auditor)).LegalHolds.Count);
        Assert.NotNull((await ConfirmAsync(archive.Service, proposal)).Erasure);
        Assert.Equal((StatusCode.NotFound, "LEGAL_HOLD_NOT_FOUND"), await RefusalAsync(archive.Client.LiftLegalHoldAsync(
            new LiftLegalHoldRequest { RequestId = Some.RequestId(), Name = hold.Name, Reason = "Again." }, ArchiveService.Archivist)));
        var custody = (await archive.Client.ListCustodyAsync(new ListCustodyRequest { Parent = statement }, ArchiveService.Auditor)).Events;
        Assert.Equal(["statement", "legal_hold", "legal_hold", "legal_hold", "legal_hold", "erased"], custody.Select(entry => entry.Kind));
    }

    /// <summary>Everything that there can be about a statement, and a capture, with the canary in all of it.</summary>
    private static async Task<(string Statement, string Capture)> FillAsync(ArchiveService service, string canary)
    {
        var said = Some.Statement($"A description with {canary} in it.");
        said.SourceUrl = $"https://example.org/{canary}";
        said.Claims[0].Claim = canary;
        var statement = (await service.Client.RecordAsync("subjects/erased", statement: said)).Name;
        await service.Client.AddTranslationAsync(
            new AddTranslationRequest
            {
                RequestId = Some.RequestId(),
                Parent = statement,
                Translation = new Translation { Language = "de", Text = $"Worte, {canary}.", Translator = canary },
            }, ArchiveService.Archivist);
        var entry = Some.Entry(statement, RetractionFinding.Partial, Some.Year(2013));
        entry.RetractionEntry.Description = canary;
        await service.Client.RecordRetractionEntryAsync(entry, ArchiveService.Archivist);
        await service.Client.AddAnnotationAsync(
            new AddAnnotationRequest { RequestId = Some.RequestId(), Parent = statement, Text = $"A note on {canary}." }, ArchiveService.Reviewer);
        var hold = (await service.Client.PlaceLegalHoldAsync(
            new PlaceLegalHoldRequest { RequestId = Some.RequestId(), Parent = statement, Reason = canary, Authority = "Court X" }, ArchiveService.Archivist)).LegalHold;
        await service.Client.LiftLegalHoldAsync(new LiftLegalHoldRequest { RequestId = Some.RequestId(), Name = hold.Name, Reason = canary }, ArchiveService.Archivist);

        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(canary, 10_000)));
        using var call = service.Client.RecordCapture(ArchiveService.Intake);
        await call.RequestStream.WriteAsync(
            new RecordCaptureRequest
            {
                Capture = new Capture
                {
                    Source = "partners/p/requests/r/attachments/a",
                    MediaType = "text/plain",
                    SizeBytes = bytes.Length,
                    Sha256 = ByteString.CopyFrom(SHA256.HashData(bytes)),
                },
            }, Ended);
        foreach (var part in bytes.Chunk(100_000))
        {
            await call.RequestStream.WriteAsync(new RecordCaptureRequest { Data = ByteString.CopyFrom(part) }, Ended);
        }

        await call.RequestStream.CompleteAsync();
        return (statement, (await call).Capture.Name);
    }

    private static async Task AssertProvenAsync(ArchiveService service, string statement, string capture, Erasure erasure)
    {
        var finding = (await service.Client.VerifyCitationsAsync(
            new VerifyCitationsRequest { Citations = { Some.Citation(statement, 0, 1, "A") } }, ArchiveService.Review)).Findings.Single();
        Assert.Equal(Verdict.Erased, finding.Verdict);
        Assert.NotNull(finding.Proof);
        using var bag = await ExportedBag.OfAsync(service, statement, capture);
        var verdict = await bag.VerifyAsync();
        Assert.True(verdict.ExitCode == VerifyCommand.Verified, verdict.Output);
        Assert.Contains("it was erased, as a later entry says", verdict.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(bag.Files, file => file.Contains("/content", StringComparison.Ordinal) || file.Contains("/nonce", StringComparison.Ordinal));
        Assert.True(erasure.LogIndex > 0);

        await Eventually.BecomesTrueAsync(async () => (await service.Client.GetAuditAsync(new GetAuditRequest(), ArchiveService.Auditor)).Audit.FinishedAt is not null);
        var name = (await service.Client.RunAuditAsync(new RunAuditRequest(), ArchiveService.Auditor)).Audit.Name;
        Audit audit = new();
        await Eventually.BecomesTrueAsync(async () =>
            (audit = (await service.Client.GetAuditAsync(new GetAuditRequest { Name = name }, ArchiveService.Auditor)).Audit).FinishedAt is not null);
        Assert.True(audit.FindingCount == 0, audit.ToString());
    }

    private static async Task<Erasure> EraseAsync(ArchiveService service, string name) => (await ConfirmAsync(service, await ProposeAsync(service, name))).Erasure;

    private static async Task<ErasureProposal> ProposeAsync(ArchiveService service, string name, ErasureReason reason = ErasureReason.LegalOrder)
        => (await service.Client.ProposeErasureAsync(Proposal(name, reason), ArchiveService.Archivist)).Erasure;

    private static ProposeErasureRequest Proposal(string name, ErasureReason reason = ErasureReason.LegalOrder)
        => new() { RequestId = Some.RequestId(), Object = name, Reason = reason, Authority = "Court X" };

    private static async Task<ErasureProposal> ConfirmAsync(ArchiveService service, ErasureProposal proposal)
        => (await service.Client.ConfirmErasureAsync(new ConfirmErasureRequest { Name = proposal.Name }, ArchiveService.Administrator)).Erasure;

    private async Task<Statement> GetAsync(string name) => (await archive.Client.GetStatementAsync(new GetStatementRequest { Name = name }, ArchiveService.Archivist)).Statement;

    private static async Task<SearchStatementsResponse> SearchAsync(ArchiveService service, string words)
        => await service.SearchAsync(new SearchStatementsRequest { Query = words }, ArchiveService.Archivist);

    private static async Task<(StatusCode, string)> RefusalAsync<T>(AsyncUnaryCall<T> call)
    {
        var (code, reason, _) = await Some.RefusalAsync(call);
        return (code, reason);
    }

    // As it is, in hexadecimal digits, and in base64 wherever it begins.
    private static bool IsIn(string text, string canary)
    {
        var bytes = Encoding.UTF8.GetBytes(canary);
        return text.Contains(canary, StringComparison.OrdinalIgnoreCase)
            || text.Contains(Convert.ToHexString(bytes), StringComparison.OrdinalIgnoreCase)
            || Enumerable.Range(0, 3).Any(offset => text.Contains(Convert.ToBase64String(bytes[offset..(offset + ((bytes.Length - offset) / 3 * 3))]), StringComparison.Ordinal));
    }

    private static async Task<string> DumpAsync(TestDatabase database)
    {
        var answer = await RunAsync("pg_dump", database.ConnectionString);
        Assert.True(answer.ExitCode == 0, answer.Errors);
        return answer.Output;
    }

    private static async Task<TestDatabase> RestoreAsync(string dump)
    {
        var connection = await Servers.NewDatabaseAsync("restored");
        var file = Path.Combine(Servers.Folder, $"{Guid.CreateVersion7()}.sql");
        await File.WriteAllTextAsync(file, dump, Ended);
        var answer = await RunAsync("psql", connection, "-v", "ON_ERROR_STOP=1", "-f", file);
        Assert.True(answer.ExitCode == 0, answer.Errors);
        File.Delete(file);
        return await TestDatabase.AtAsync(connection, connection.Contains("keys", StringComparison.Ordinal) ? KeyStore.ConnectionName : null);
    }

    private static Task<ForeignAnswer> RunAsync(string program, string connection, params string[] arguments)
    {
        var at = new NpgsqlConnectionStringBuilder(connection);
        return Foreign.RunAsync(
            ProgramOf(program),
            ["-h", at.Host!, "-p", $"{at.Port}", "-U", at.Username!, "-d", at.Database!, .. arguments], ("PGPASSWORD", at.Password!), ("PGCLIENTENCODING", "UTF8"));
    }

    // Beside the server, or where the client tools are.
    private static string ProgramOf(string name)
        => Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Prepend(PostgresServer.FindBinaries()!)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? name;

    // The broker may take a file away or grow it while it is read.
    private static async Task<byte[]> ReadAsync(string file)
    {
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new MemoryStream();
            await stream.CopyToAsync(content, Ended);
            return content.ToArray();
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }
}
