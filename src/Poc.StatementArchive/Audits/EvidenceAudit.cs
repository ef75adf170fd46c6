using System.Security.Cryptography;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Retractions;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Audits;

/// <summary>Reads again all that entries commit to: words, records and bytes as they are stored now, each against its entry.</summary>
public sealed class EvidenceAudit(KeyStore keys)
{
    private const int Batch = 200;

    private const string Beside = "The columns beside it do not say what was logged.";

    // Each may have 64 MiB.
    private const int CaptureBatch = 4;

    private const string StatementsSql = """
        SELECT s.statement_id, s.name, s.subject, s.entry_id, s.sealed, s.captured_at, e.body FROM statements s LEFT JOIN log_entries e USING (entry_id)
        WHERE s.statement_id > $1 ORDER BY s.statement_id LIMIT $2
        """;

    private const string TranslationsSql = """
        WITH part AS (SELECT DISTINCT statement_id FROM translations WHERE statement_id > $1 ORDER BY statement_id LIMIT $2)
        SELECT t.statement_id, t.language, t.version, t.entry_id, t.sealed, t.added_at, e.body, s.subject
        FROM part JOIN translations t USING (statement_id) LEFT JOIN statements s USING (statement_id) LEFT JOIN log_entries e ON e.entry_id = t.entry_id ORDER BY t.statement_id, t.language, t.version
        """;

    private const string LedgersSql = """
        WITH part AS (SELECT DISTINCT statement_id FROM retraction_entries WHERE statement_id > $1 ORDER BY statement_id LIMIT $2)
        SELECT t.statement_id, t.number, t.entry_id, t.sealed, t.recorded_at, e.body, s.state, o.subject
        FROM part JOIN retraction_entries t USING (statement_id) LEFT JOIN statements o USING (statement_id) LEFT JOIN retraction_states s USING (statement_id)
        LEFT JOIN log_entries e ON e.entry_id = t.entry_id
        ORDER BY t.statement_id, t.number
        """;

    private const string CapturesSql = """
        SELECT c.capture_id, c.media_type, c.size_bytes, c.key_group, c.entry_id, c.sealed, c.captured_at, e.body, c.source FROM captures c LEFT JOIN log_entries e USING (entry_id)
        WHERE c.capture_id > $1 ORDER BY c.capture_id LIMIT $2
        """;

    private const string AnnotationsSql = """
        WITH part AS (SELECT DISTINCT object_id FROM annotations WHERE object_id > $1 ORDER BY object_id LIMIT $2)
        SELECT t.object_id, t.number, t.entry_id, t.sealed, t.added_at, e.body, coalesce(s.subject, c.key_group)
        FROM part JOIN annotations t USING (object_id) LEFT JOIN statements s ON s.statement_id = t.object_id LEFT JOIN captures c ON c.capture_id = t.object_id
        LEFT JOIN log_entries e ON e.entry_id = t.entry_id ORDER BY t.object_id, t.number
        """;

    private const string HoldsSql = """
        SELECT t.object_id, t.hold_id, t.entry_id, t.sealed, t.at, e.body, coalesce(s.subject, c.key_group)
        FROM legal_holds t LEFT JOIN statements s ON s.statement_id = t.object_id LEFT JOIN captures c ON c.capture_id = t.object_id
        LEFT JOIN log_entries e ON e.entry_id = t.entry_id WHERE t.hold_id > $1 ORDER BY t.hold_id LIMIT $2
        """;

    private const string HandoversSql = """
        SELECT h.entry_id, h.object_id, h.document, e.body FROM handovers h LEFT JOIN log_entries e USING (entry_id) WHERE h.entry_id > $1 ORDER BY h.entry_id LIMIT $2
        """;

    private const string ErasedSql = """
        SELECT x.object_id, x.document, x.erased_at, e.body, EXISTS (SELECT 1 FROM statements s WHERE s.statement_id = x.object_id)
            OR EXISTS (SELECT 1 FROM captures c WHERE c.capture_id = x.object_id)
        FROM erased_objects x LEFT JOIN log_entries e USING (entry_id) WHERE x.object_id > $1 ORDER BY x.object_id LIMIT $2
        """;

    private const string DecisionsSql = """
        SELECT d.decision_id, d.sha256, e.body FROM decisions d LEFT JOIN log_entries e USING (entry_id) WHERE d.decision_id > $1 ORDER BY d.decision_id LIMIT $2
        """;

    private const string KeyChangesSql = """
        SELECT c.number, c.previous_key, c.verifier_key, e.object_id, e.body FROM log_key_changes c LEFT JOIN log_entries e USING (entry_id)
        WHERE c.number > $1 ORDER BY c.number LIMIT $2
        """;

    /// <summary>The steps, in order.</summary>
    internal IReadOnlyList<AuditStep> Steps =>
    [
        new("statements", StatementsAsync), new("translations", TranslationsAsync), new("retraction_entries", LedgersAsync), new("captures", CapturesAsync),
        new("annotations", AnnotationsAsync), new("legal_holds", HoldsAsync), new("handovers", HandoversAsync), new("erased_objects", ErasedAsync),
        new("decisions", DecisionsAsync), new("log_key_changes", KeyChangesAsync),
    ];

    private async Task<AuditPart> StatementsAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            StatementsSql,
            row => (Id: row.GetGuid(0), Name: row.GetString(1), Subject: row.GetString(2), EntryId: row.GetGuid(3), Sealed: Bytes(row, 4),
                At: row.GetFieldValue<DateTimeOffset>(5), Body: Bytes(row, 6)),
            Id(cursor), Batch);
        var opened = await OpenAsync(tx, rows.Select(row => (row.Id, (string?)row.Subject, row.EntryId, row.Sealed)));
        return AuditPart.OfRows(rows, row => row.Id.ToString(), Findings(rows, row => $"statements/{row.Id}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Statement, row.Id, opened[row.EntryId],
            (entry, evidence) => entry.At == row.At && EvidenceRecord.Read<Statement>(evidence.Record!).Name == row.Name
                && row.Name.StartsWith($"{row.Subject}/", StringComparison.Ordinal))));
    }

    private async Task<AuditPart> TranslationsAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            TranslationsSql,
            row => (Id: row.GetGuid(0), Language: row.GetString(1), Version: row.GetInt32(2), EntryId: row.GetGuid(3), Sealed: Bytes(row, 4),
                At: row.GetFieldValue<DateTimeOffset>(5), Body: Bytes(row, 6), Group: Text(row, 7)),
            Id(cursor), Batch);
        var opened = await OpenAsync(tx, rows.Select(row => (row.Id, row.Group, row.EntryId, row.Sealed)));
        return AuditPart.OfRows(rows, row => row.Id.ToString(), Findings(rows, row => $"translations/{row.Id}/{row.Language}/{AuditStep.Text(row.Version)}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Translation, row.Id, opened[row.EntryId],
            (entry, evidence) => entry.At == row.At && EvidenceRecord.Read<Translation>(evidence.Record!) is var record && record.Language == row.Language
                && record.Version == row.Version)));
    }

    private async Task<AuditPart> LedgersAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            LedgersSql,
            row => (Id: row.GetGuid(0), Number: row.GetInt32(1), EntryId: row.GetGuid(2), Sealed: Bytes(row, 3), At: row.GetFieldValue<DateTimeOffset>(4), Body: Bytes(row, 5),
                State: Text(row, 6), Group: Text(row, 7)),
            Id(cursor), Batch);
        var opened = await OpenAsync(tx, rows.Select(row => (row.Id, row.Group, row.EntryId, row.Sealed)));
        var findings = Findings(rows, row => $"retraction_entries/{row.Id}/{AuditStep.Text(row.Number)}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Retraction, row.Id, opened[row.EntryId], (entry, _) => entry.At == row.At)).ToList();
        // What is searched by is derived, and must be what the evidence gives; where the evidence is not to be believed, that is the finding.
        var changed = findings.Select(finding => finding.Subject.Split('/')[1]).ToHashSet(StringComparer.Ordinal);
        findings.AddRange(rows.GroupBy(row => row.Id)
            .Where(ledger => !changed.Contains(ledger.Key.ToString())
                && ledger.First().State != RetractionFold.NameOf(RetractionFold.Of([.. ledger.Select(row => EvidenceRecord.Read<RetractionEntry>(opened[row.EntryId]!.Record!))])))
            .Select(ledger => new AuditFinding($"retraction_states/{ledger.Key}", "The state is not what the ledger folds to.")));
        return AuditPart.OfRows(rows, row => row.Id.ToString(), findings);
    }

    private async Task<AuditPart> CapturesAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            CapturesSql,
            row => (Id: row.GetGuid(0), MediaType: row.GetString(1), Size: row.GetInt64(2), Group: row.GetString(3), EntryId: row.GetGuid(4), Sealed: Bytes(row, 5),
                At: row.GetFieldValue<DateTimeOffset>(6), Body: Bytes(row, 7), Source: row.GetString(8)),
            Id(cursor), CaptureBatch);
        var ring = await keys.OfAsync([.. rows.Select(row => (row.Id, row.Group))], tx.Cancellation);
        var contents = new Dictionary<Guid, byte[]?>();
        foreach (var row in rows)
        {
            contents[row.Id] = ring.Find(row.Id) is { } key ? await Sha256Async(tx, key) : null;
        }

        return AuditPart.OfRows(rows, row => row.Id.ToString(), Findings(rows, row => $"captures/{row.Id}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Captured, row.Id, row.Sealed is null ? null : ring.Open(row.Id, row.EntryId, row.Sealed),
            (entry, evidence) => entry.At == row.At && entry.MediaType == row.MediaType && entry.Size == row.Size && contents[row.Id].AsSpan().SequenceEqual(evidence.Sha256)
                // Captures of an older version have no record: their source is in no entry.
                && (evidence.Record is null || EvidenceRecord.Read<Capture>(evidence.Record).Source == row.Source))));
    }

    // Null where a part was changed.
    private static async Task<byte[]?> Sha256Async(Tx tx, ObjectKey key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            for (var number = 0; await StoredEvidence.ChunkAsync(tx, key, number) is { } data; number++)
            {
                hash.AppendData(data);
            }
        }
        catch (InvalidDataException)
        {
            return null;
        }

        return hash.GetHashAndReset();
    }

    private Task<AuditPart> AnnotationsAsync(Tx tx, long size, string cursor) => RecordsAsync(
        tx, AnnotationsSql, cursor, LogEntry.Kinds.Annotation, row => row.Id.ToString(), static row => AuditStep.Text(row.GetInt32(1)), row => $"annotations/{row.Id}/{row.Key}");

    private Task<AuditPart> HoldsAsync(Tx tx, long size, string cursor) => RecordsAsync(
        tx, HoldsSql, cursor, LogEntry.Kinds.LegalHold, row => row.Key, static row => row.GetGuid(1).ToString(), row => $"legal_holds/{row.Key}");

    // What is nothing but a record.
    private async Task<AuditPart> RecordsAsync(
        Tx tx, string sql, string cursor, string kind, Func<RecordRow, string> cursorOf, Func<Npgsql.NpgsqlDataReader, string> keyOf, Func<RecordRow, string> subjectOf)
    {
        var rows = await tx.QueryAsync(
            sql, row => new RecordRow(row.GetGuid(0), keyOf(row), row.GetGuid(2), Bytes(row, 3), row.GetFieldValue<DateTimeOffset>(4), Bytes(row, 5), Text(row, 6)), Id(cursor), Batch);
        var opened = await OpenAsync(tx, rows.Select(row => (row.Id, row.Group, row.EntryId, row.Sealed)));
        return AuditPart.OfRows(
            rows, cursorOf, Findings(rows, subjectOf, row => ProblemOf(row.Body, kind, row.Id, opened[row.EntryId], (entry, _) => entry.At == row.At)));
    }

    private static async Task<AuditPart> HandoversAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            HandoversSql, row => (EntryId: row.GetGuid(0), Id: row.GetGuid(1), Document: row.GetFieldValue<byte[]>(2), Body: Bytes(row, 3)), Id(cursor), Batch);
        return AuditPart.OfRows(rows, row => row.EntryId.ToString(), Findings(rows, row => $"handovers/{row.EntryId}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Custody, row.Id, entry => SHA256.HashData(row.Document).AsSpan().SequenceEqual(entry.Sha256))));
    }

    private static async Task<AuditPart> ErasedAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            ErasedSql,
            row => (Id: row.GetGuid(0), Document: row.GetString(1), At: row.GetFieldValue<DateTimeOffset>(2), Body: Bytes(row, 3), IsThere: row.GetBoolean(4)),
            Id(cursor), Batch);
        return AuditPart.OfRows(rows, row => row.Id.ToString(), Findings(rows, row => $"erased_objects/{row.Id}", row => row.IsThere
            ? "What was erased is there."
            : ProblemOf(row.Body, LogEntry.Kinds.Erased, row.Id, entry => entry.At == row.At && ErasureDocument.Sha256(row.Document).AsSpan().SequenceEqual(entry.Sha256))));
    }

    // By entry. Rows that an older version wrote open are sealed before anything is audited; one that is open still was made so.
    private async Task<Dictionary<Guid, Evidence?>> OpenAsync(Tx tx, IEnumerable<(Guid Id, string? Group, Guid EntryId, byte[]? Sealed)> rows)
    {
        var all = rows.ToList();
        var ring = await keys.OfAsync([.. all.Where(row => row.Group is not null).Select(row => (row.Id, row.Group!))], tx.Cancellation);
        var opened = new Dictionary<Guid, Evidence?>();
        foreach (var row in all)
        {
            // Two rows may have been made to share an entry: it is of one of them at most.
            var evidence = row.Sealed is null ? null : ring.Open(row.Id, row.EntryId, row.Sealed);
            opened[row.EntryId] = opened.GetValueOrDefault(row.EntryId) ?? evidence;
        }

        return opened;
    }

    private static async Task<AuditPart> DecisionsAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(DecisionsSql, row => (Id: row.GetGuid(0), Sha256: row.GetFieldValue<byte[]>(1), Body: Bytes(row, 2)), Id(cursor), Batch);
        return AuditPart.OfRows(rows, row => row.Id.ToString(), Findings(rows, row => $"decisions/{row.Id}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Decision, row.Id, entry => row.Sha256.AsSpan().SequenceEqual(entry.Sha256))));
    }

    private static async Task<AuditPart> KeyChangesAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            KeyChangesSql,
            row => (Number: row.GetInt32(0), Previous: row.GetString(1), Next: row.GetString(2), ObjectId: row.IsDBNull(3) ? Guid.Empty : row.GetGuid(3), Body: Bytes(row, 4)),
            (int)AuditStep.Number(cursor), Batch);
        return AuditPart.OfRows(rows, row => AuditStep.Text(row.Number), Findings(rows, row => $"log_key_changes/{AuditStep.Text(row.Number)}", row => ProblemOf(
            row.Body, LogEntry.Kinds.KeyChange, row.ObjectId, entry => KeyHistory.DocumentSha256(row.Previous, row.Next).AsSpan().SequenceEqual(entry.Sha256))));
    }

    /// <summary>Why a row is not what was logged; null when it is.</summary>
    /// <param name="body">Its entry as it is stored.</param>
    /// <param name="kind">What that must say.</param>
    /// <param name="objectId">What it must be about.</param>
    /// <param name="evidence">What the row holds; null where it does not open.</param>
    /// <param name="agrees">Whether the other columns are as the entry and the evidence, which are to be believed by then, say.</param>
    private static string? ProblemOf(byte[]? body, string kind, Guid objectId, Evidence? evidence, Func<LogEntry, Evidence, bool> agrees)
    {
        var (entry, problem) = EvidenceCheck.Open(body, kind, objectId);
        return problem ?? EvidenceCheck.Changed(entry!, evidence) ?? (agrees(entry!, evidence!) ? null : Beside);
    }

    // The same for what is kept open.
    private static string? ProblemOf(byte[]? body, string kind, Guid objectId, Func<LogEntry, bool> agrees)
    {
        var (entry, problem) = EvidenceCheck.Open(body, kind, objectId);
        return problem ?? (agrees(entry!) ? null : Beside);
    }

    private static IEnumerable<AuditFinding> Findings<T>(IReadOnlyList<T> rows, Func<T, string> subjectOf, Func<T, string?> problemOf)
        => rows.Select(row => (Row: row, Problem: problemOf(row))).Where(found => found.Problem is not null).Select(found => new AuditFinding(subjectOf(found.Row), found.Problem!));

    private static Guid Id(string cursor) => cursor.Length == 0 ? Guid.Empty : Guid.Parse(cursor);

    private static byte[]? Bytes(Npgsql.NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);

    private static string? Text(Npgsql.NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private sealed record RecordRow(Guid Id, string Key, Guid EntryId, byte[]? Sealed, DateTimeOffset At, byte[]? Body, string? Group);
}
