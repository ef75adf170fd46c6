using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel;
using Poc.Kernel.Notes;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Tests.Witnesses;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Audits;

/// <summary>An audit of a log with everything in it that a log can have.</summary>
public sealed class LogAuditorTests
{
    private const string Subject = "subjects/audited";
    private static readonly NoteKey _key = new NoteSigner("poc.example/log", new byte[32]).PublicKey;

    // What is changed past the triggers, and what the audit must name. Each is about another object, and those that many hashes hang on come last.
    private static readonly (string Expected, Tampering Tamper)[] _tampered =
    [
        (Statement("s-1"), Rewrite("statements", "name = 'subjects/audited/statements/s-1'", evidence => evidence with { Text = evidence.Text + "!" })),
        (Statement("s-2"), Rewrite(
            "statements", "name = 'subjects/audited/statements/s-2'",
            evidence => evidence with { Record = evidence.Record!.Replace("speaker-handle", "another-handle", StringComparison.Ordinal) })),
        (Statement("s-3"), Rewrite(
            "statements", "name = 'subjects/audited/statements/s-3'", evidence => evidence with { Nonce = SHA256.HashData("another"u8) })),
        (Statement("s-4"), "UPDATE statements SET subject = 'subjects/another' WHERE name = 'subjects/audited/statements/s-4'"),
        (Statement("s-5"), "UPDATE statements SET captured_at = captured_at - interval '1 year' WHERE name = 'subjects/audited/statements/s-5'"),
        (Statement("s-6"), "UPDATE statements SET entry_id = gen_random_uuid() WHERE name = 'subjects/audited/statements/s-6'"),
        (EntryOf("statements", "name = 'subjects/audited/statements/s-7'"), "DELETE FROM statements WHERE name = 'subjects/audited/statements/s-7'"),
        ("SELECT 'statements/00000000-0000-0000-0000-000000000007'",
            "INSERT INTO statements SELECT '00000000-0000-0000-0000-000000000007', name || '-x', subject, NULL, NULL, NULL, entry_id, captured_at, sealed FROM statements WHERE name LIKE '%/s-8'"),
        (Child("translations", "version", "version = 1"), Rewrite("translations", "version = 1", evidence => evidence with { Text = "Changed." })),
        ("SELECT 'translations/' || statement_id || '/fr/2' FROM translations WHERE version = 2", "UPDATE translations SET language = 'fr' WHERE version = 2"),
        (EntryOf("translations", "version = 3"), "DELETE FROM translations WHERE version = 3"),
        (Child("retraction_entries", "number", "number = 1"), Rewrite(
            "retraction_entries", "number = 1", evidence => evidence with { Record = evidence.Record!.Replace("newspaper", "magazine", StringComparison.Ordinal) })),
        (EntryOf("retraction_entries", "number = 3"), "DELETE FROM retraction_entries WHERE number = 3"),
        ("SELECT 'retraction_states/' || statement_id FROM statements WHERE name LIKE '%/s-9'",
            "UPDATE retraction_states SET state = 'FULL' WHERE statement_id = (SELECT statement_id FROM statements WHERE name LIKE '%/s-9')"),
        (Capture(1), "UPDATE capture_chunks SET data = set_byte(data, 100, get_byte(data, 100) # 1) WHERE number = 1 AND capture_id = (SELECT capture_id FROM captures WHERE source = 'c-1')"),
        (Capture(2), "DELETE FROM capture_chunks WHERE number = 2 AND capture_id = (SELECT capture_id FROM captures WHERE source = 'c-2')"),
        (Capture(3), "UPDATE captures SET media_type = 'text/html' WHERE source = 'c-3'"),
        (Capture(4), Rewrite("captures", "source = 'c-4'", evidence => evidence with { Sha256 = SHA256.HashData("another"u8) })),
        ("SELECT 'annotations/' || object_id || '/1' FROM annotations", "UPDATE annotations SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)"),
        ("SELECT 'legal_holds/' || hold_id FROM legal_holds ORDER BY hold_id LIMIT 1",
            "UPDATE legal_holds SET at = at - interval '1 day' WHERE hold_id = (SELECT hold_id FROM legal_holds ORDER BY hold_id LIMIT 1)"),
        ("SELECT 'log_entries/' || e.index FROM legal_holds h JOIN log_entries e USING (entry_id) ORDER BY h.hold_id DESC LIMIT 1",
            "DELETE FROM legal_holds WHERE hold_id = (SELECT hold_id FROM legal_holds ORDER BY hold_id DESC LIMIT 1)"),
        ("SELECT 'erased_objects/' || object_id FROM erased_objects", "UPDATE erased_objects SET document = replace(document, 'Court', 'King')"),
        ("SELECT 'handovers/' || entry_id FROM handovers ORDER BY entry_id LIMIT 1",
            "UPDATE handovers SET document = convert_to(replace(convert_from(document, 'UTF8'), 'synthetic', 'another'), 'UTF8') WHERE entry_id = (SELECT entry_id FROM handovers ORDER BY entry_id LIMIT 1)"),
        ("SELECT 'log_entries/' || e.index FROM handovers h JOIN log_entries e USING (entry_id) ORDER BY h.entry_id DESC LIMIT 1",
            "DELETE FROM handovers WHERE entry_id = (SELECT entry_id FROM handovers ORDER BY entry_id DESC LIMIT 1)"),
        ("SELECT 'decisions/' || decision_id FROM decisions", "UPDATE decisions SET sha256 = sha256('another')"),
        ("SELECT 'log_key_changes/1'", "UPDATE log_key_changes SET previous_key = 'another'"),
        (Custody(0), $"UPDATE log_entries SET kind = 'annotation' WHERE index = ({CustodyIndex(0)})"),
        (Custody(1), $"UPDATE log_entries SET body = convert_to(replace(convert_from(body, 'UTF8'), '\"at\":\"2', '\"at\":\"1'), 'UTF8') WHERE index = ({CustodyIndex(1)})"),
        (Custody(2), $"DELETE FROM log_entries WHERE index = ({CustodyIndex(2)})"),
        ("SELECT 'log_cosignatures/' || max(size) FROM log_cosignatures", "UPDATE log_cosignatures SET line = replace(line, 'witness.example', 'witness.example2') WHERE size = (SELECT max(size) FROM log_cosignatures)"),
        ("SELECT 'log_checkpoints/1'", "UPDATE log_checkpoints SET note = left(note, -6) || 'AA==' || E'\\n' WHERE size = 1"),
        ("SELECT 'log_checkpoints/2'", "UPDATE log_checkpoints SET note = replace(note, E'\\n2\\n', E'\\n3\\n') WHERE size = 2"),
        ("SELECT 'log_checkpoints/3'", "UPDATE log_tree_heads SET root_hash = sha256('another') WHERE size = 3"),
        ("SELECT 'log_checkpoints/5'", "DELETE FROM log_tree_heads WHERE size = 4"),
        ("SELECT 'log_checkpoints/6'", "DELETE FROM log_tree_heads WHERE size = 6"),
        ("SELECT 'log_nodes/2/0'", "UPDATE log_nodes SET hash = sha256('another') WHERE level = 2 AND index = 0"),
        ("SELECT 'log_nodes/1/2'", "DELETE FROM log_nodes WHERE level = 1 AND index = 2"),
        ("SELECT 'log_entries/3'", "UPDATE log_nodes SET hash = sha256('another') WHERE level = 0 AND index = 3"),
    ];

    [Fact]
    public async Task Names_each_thing_that_was_changed_in_the_database_and_nothing_in_a_log_that_is_whole()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var witness = new RunningWitness(_key);
        witness.Start();
        var settings = witness.Settings;
        settings["Log:NextPrivateKey"] = Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)]);
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: settings);
        await FillAsync(database, service);

        var clean = await AuditAsync(service);
        Assert.Equal((0, 0), (clean.FindingCount, clean.Findings.Count));
        Assert.True(clean.Checked > 60, clean.ToString());
        Assert.Equal(0, await AlarmsAsync(database));
        Assert.Contains("\"audit\":\"Healthy\"", await HealthAsync(service), StringComparison.Ordinal);

        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (expected, tamper) in _tampered)
        {
            var subject = await database.ScalarAsync<string>(expected);
            Assert.True(await tamper.Apply(database.Database) == 1, tamper.What);
            var audit = await AuditAsync(service);
            var subjects = await database.Database.ReadAsync(
                tx => tx.QueryAsync("SELECT subject FROM log_audit_findings WHERE audit_id = $1", row => row.GetString(0), Guid.Parse(audit.Name["audits/".Length..])), CancellationToken.None);
            Assert.DoesNotContain(subject, known);
            Assert.True(subjects.Contains(subject), $"{tamper.What}: {subject} is not among {string.Join(", ", subjects)}");
            Assert.Equal(subjects.Count, audit.FindingCount);
            known.UnionWith(subjects);

            // Everything that was found before is found again, and each audit is one alarm.
            Assert.Equal(known.Count, subjects.Distinct(StringComparer.Ordinal).Count());
            Assert.Contains($"found {subject} not to be as it was logged", service.Output, StringComparison.Ordinal);
        }

        Assert.Equal(_tampered.Length, await AlarmsAsync(database));
        Assert.Contains("\"audit\":\"Degraded\"", await HealthAsync(service), StringComparison.Ordinal);
        // What is read where nothing of it may be said names no one.
        Assert.DoesNotContain(Subject, string.Join('\n', known), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Begins_by_itself_and_goes_on_where_it_was_after_a_crash()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        string name;
        await using (var service = await ArchiveService.StartAsync(database.ConnectionString))
        {
            foreach (var id in (string[])["s-1", "s-2", "s-3"])
            {
                await ProvenAsync(service, id);
            }

            await AuditAsync(service);
            Assert.Equal((StatusCode.NotFound, "AUDIT_NOT_FOUND"), await ReasonAsync(service, $"audits/{Guid.CreateVersion7()}"));
            Assert.Equal((StatusCode.NotFound, "AUDIT_NOT_FOUND"), await ReasonAsync(service, "statements/s"));
        }

        // As if a period had gone by.
        await database.ExecuteAsync("UPDATE log_audits SET started_at = started_at - interval '2 days', finished_at = finished_at - interval '2 days'");
        var whole = await database.ScalarAsync<long>("SELECT checked FROM log_audits ORDER BY started_at DESC LIMIT 1");
        await using (var slow = await ArchiveService.StartAsync(database.ConnectionString, settings: new Dictionary<string, string?> { ["Log:AuditItemsPerSecond"] = "1" }))
        {
            Audit audit = new();
            await Eventually.BecomesTrueAsync(async () =>
            {
                audit = (await slow.Client.GetAuditAsync(new GetAuditRequest(), ArchiveService.Auditor)).Audit;
                return audit.FinishedAt is null && audit.Step is not "log_entries" and not "";
            });
            name = audit.Name;
            Assert.True(audit.Checked < whole);
            // One at a time.
            Assert.Equal(name, (await slow.Client.RunAuditAsync(new RunAuditRequest(), ArchiveService.Auditor)).Audit.Name);
            await slow.KillAsync();
        }

        await using var again = await ArchiveService.StartAsync(database.ConnectionString);
        Audit last = new();
        await Eventually.BecomesTrueAsync(async () =>
            (last = (await again.Client.GetAuditAsync(new GetAuditRequest { Name = name }, ArchiveService.Auditor)).Audit).FinishedAt is not null);
        Assert.Equal((whole, 0, ""), (last.Checked, last.FindingCount, last.Step));
    }

    private static Tampering Rewrite(string table, string where, Func<Evidence, Evidence> change)
        => new($"{table} where {where} written anew", database => TestKeys.RewriteAsync(database, table, where, change));

    private static string Statement(string id) => $"SELECT 'statements/' || statement_id FROM statements WHERE name = '{Subject}/statements/{id}'";

    private static string Child(string table, string number, string where)
        => table == "translations"
            ? $"SELECT '{table}/' || statement_id || '/' || language || '/' || {number} FROM {table} WHERE {where}"
            : $"SELECT '{table}/' || statement_id || '/' || {number} FROM {table} WHERE {where}";

    private static string EntryOf(string table, string where) => $"SELECT 'log_entries/' || e.index FROM {table} t JOIN log_entries e USING (entry_id) WHERE t.{where}";

    private static string Capture(int number) => $"SELECT 'captures/' || capture_id FROM captures WHERE source = 'c-{number}'";

    // Its place, whatever the kind says by then.
    private static string CustodyIndex(int number)
        => $"SELECT max(e.index) FROM log_entries e JOIN captures c ON c.capture_id = e.object_id WHERE c.source = 'c-{number + 5}'";

    private static string Custody(int number) => $"SELECT 'log_entries/' || ({CustodyIndex(number)})";

    private static async Task FillAsync(TestDatabase database, ArchiveService service)
    {
        for (var i = 1; i <= 9; i++)
        {
            await ProvenAsync(service, $"s-{i}");
        }

        await ProvenAsync(service, "s-erased");
        var proposal = (await service.Client.ProposeErasureAsync(
            new ProposeErasureRequest { RequestId = Some.RequestId(), Object = $"{Subject}/statements/s-erased", Reason = ErasureReason.LegalOrder, Authority = "Court X" },
            ArchiveService.Archivist)).Erasure;
        await service.Client.ConfirmErasureAsync(new ConfirmErasureRequest { Name = proposal.Name }, ArchiveService.Administrator);
        for (var version = 1; version <= 3; version++)
        {
            await service.Client.AddTranslationAsync(
                new AddTranslationRequest
                {
                    RequestId = Some.RequestId(),
                    Parent = $"{Subject}/statements/s-8",
                    Translation = new Translation { Language = "de", Text = $"Worte {version}.", Translator = "translator" },
                }, ArchiveService.Archivist);
            await service.Client.RecordRetractionEntryAsync(
                Some.Entry($"{Subject}/statements/s-8", RetractionFinding.Partial, Some.Day("2020-01-01")), ArchiveService.Archivist);
        }

        await service.Client.AddAnnotationAsync(
            new AddAnnotationRequest { RequestId = Some.RequestId(), Parent = $"{Subject}/statements/s-9", Text = "A note." }, ArchiveService.Reviewer);
        for (var i = 0; i < 2; i++)
        {
            await service.Client.PlaceLegalHoldAsync(
                new PlaceLegalHoldRequest { RequestId = Some.RequestId(), Parent = $"{Subject}/statements/s-9", Reason = "A case.", Authority = "Court X" },
                ArchiveService.Archivist);
        }

        // Of other numbers than the ledger above.
        await service.Client.RecordRetractionEntryAsync(Some.Entry($"{Subject}/statements/s-9", RetractionFinding.Against, Some.Day("2020-01-01")), ArchiveService.Archivist);
        await SharedArchive.TamperAsync(database.Database, "UPDATE retraction_entries SET number = 9 WHERE statement_id = (SELECT statement_id FROM statements WHERE name LIKE '%/s-9')");
        for (var number = 1; number <= 7; number++)
        {
            await CaptureAsync(service, $"c-{number}");
        }

        foreach (var id in (string[])["s-8", "s-9"])
        {
            await service.Client.RecordTransferAsync(
                new RecordTransferRequest { RequestId = Some.RequestId(), Parent = $"{Subject}/statements/{id}", Recipient = "A court (synthetic)", Purpose = "A case." }, ArchiveService.Archivist);
        }

        var ids = new IdSource(TimeProvider.System);
        await database.Database.InTransactionAsync(tx => new RecordDecision(new LogAppender(ids), ids, TimeProvider.System).HandleAsync(tx, new DecisionSigned(
            Guid.CreateVersion7(), "dossiers/d/decisions/1", 1, TimeProvider.System.GetUtcNow(), "dossiers/d", Subject, $"{Subject}/episodes/e", "LABEL_WITHDRAWN", "protocols/v1",
            new string('a', 64), null, [])), CancellationToken.None);
        await Eventually.BecomesTrueAsync(async () =>
        {
            var answer = await service.Client.GetCheckpointAsync(new GetCheckpointRequest());
            return Checkpoint.Open(answer.Checkpoint, _key).Size == await database.ScalarAsync<long>("SELECT size FROM log_head") && answer.CosignedCheckpoint.StartsWith(answer.Checkpoint, StringComparison.Ordinal);
        });
    }

    private static async Task ProvenAsync(ArchiveService service, string id)
    {
        var stored = await service.Client.RecordAsync(Subject, id, Some.Statement($"Words of {id}."));
        // Each with a checkpoint of its own.
        await service.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex });
    }

    private static async Task CaptureAsync(ArchiveService service, string source)
    {
        var bytes = RandomNumberGenerator.GetBytes(1_000);
        using var call = service.Client.RecordCapture(ArchiveService.Intake);
        await call.RequestStream.WriteAsync(new RecordCaptureRequest
        {
            Capture = new Capture { Source = source, MediaType = "application/pdf", SizeBytes = bytes.Length, Sha256 = ByteString.CopyFrom(SHA256.HashData(bytes)) },
        });
        foreach (var part in bytes.Chunk(300))
        {
            await call.RequestStream.WriteAsync(new RecordCaptureRequest { Data = ByteString.CopyFrom(part) });
        }

        await call.RequestStream.CompleteAsync();
        var capture = (await call.ResponseAsync).Capture;
        using var reading = service.Client.ReadCapture(new ReadCaptureRequest { Name = capture.Name }, ArchiveService.Reviewer);
        await foreach (var _ in reading.ResponseStream.ReadAllAsync())
        {
        }
    }

    /// <summary>A whole audit that began now.</summary>
    private static async Task<Audit> AuditAsync(ArchiveService service)
    {
        // One that runs already may have gone past what was just changed.
        await FinishedAsync(service, name: "");
        return await FinishedAsync(service, (await service.Client.RunAuditAsync(new RunAuditRequest(), ArchiveService.Auditor)).Audit.Name);
    }

    private static async Task<Audit> FinishedAsync(ArchiveService service, string name)
    {
        Audit audit = new();
        await Eventually.BecomesTrueAsync(async () =>
            (audit = (await service.Client.GetAuditAsync(new GetAuditRequest { Name = name }, ArchiveService.Auditor)).Audit).FinishedAt is not null);
        return audit;
    }

    private static async Task<(StatusCode, string)> ReasonAsync(ArchiveService service, string name)
    {
        var (code, reason, _) = await Some.RefusalAsync(service.Client.GetAuditAsync(new GetAuditRequest { Name = name }, ArchiveService.Auditor));
        return (code, reason);
    }

    private static Task<long> AlarmsAsync(TestDatabase database) => database.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE urn = 'poc.statement-archive.v1.log-alarm-raised'");

    private static async Task<string> HealthAsync(ArchiveService service)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(service.WebAddress + "/health"));
        return await answer.Content.ReadAsStringAsync();
    }

    // Past the triggers; a statement of SQL is one.
    private sealed record Tampering(string What, Func<Poc.Postgres.Database, Task<int>> Apply)
    {
        public static implicit operator Tampering(string sql) => new(sql, database => SharedArchive.TamperAsync(database, sql));
    }
}
