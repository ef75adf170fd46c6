using System.Security.Cryptography;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Retractions;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Audits;

/// <summary>Reads again all that entries commit to: words, records and bytes as they are stored now, each against its entry.</summary>
internal static class EvidenceAudit
{
    private const int Batch = 200;

    // Each may have 64 MiB.
    private const int CaptureBatch = 4;

    private const string StatementsSql = """
        SELECT s.statement_id, s.name, s.subject, s.content, s.record, s.nonce, s.captured_at, e.body FROM statements s LEFT JOIN log_entries e USING (entry_id)
        WHERE s.statement_id > $1 ORDER BY s.statement_id LIMIT $2
        """;

    private const string TranslationsSql = """
        WITH part AS (SELECT DISTINCT statement_id FROM translations WHERE statement_id > $1 ORDER BY statement_id LIMIT $2)
        SELECT t.statement_id, t.language, t.version, t.content, t.record, t.nonce, t.added_at, e.body
        FROM part JOIN translations t USING (statement_id) LEFT JOIN log_entries e USING (entry_id) ORDER BY t.statement_id, t.language, t.version
        """;

    private const string LedgersSql = """
        WITH part AS (SELECT DISTINCT statement_id FROM retraction_entries WHERE statement_id > $1 ORDER BY statement_id LIMIT $2)
        SELECT t.statement_id, t.number, t.record, t.nonce, t.recorded_at, e.body, s.state
        FROM part JOIN retraction_entries t USING (statement_id) LEFT JOIN log_entries e USING (entry_id) LEFT JOIN retraction_states s USING (statement_id)
        ORDER BY t.statement_id, t.number
        """;

    private const string CapturesSql = """
        SELECT c.capture_id, c.media_type, c.size_bytes, c.sha256, c.nonce, c.captured_at, e.body FROM captures c LEFT JOIN log_entries e USING (entry_id)
        WHERE c.capture_id > $1 ORDER BY c.capture_id LIMIT $2
        """;

    private const string ChunkSql = "SELECT data FROM capture_chunks WHERE capture_id = $1 AND number = $2";

    private const string DecisionsSql = """
        SELECT d.decision_id, d.sha256, e.body FROM decisions d LEFT JOIN log_entries e USING (entry_id) WHERE d.decision_id > $1 ORDER BY d.decision_id LIMIT $2
        """;

    private const string KeyChangesSql = """
        SELECT c.number, c.previous_key, c.verifier_key, e.object_id, e.body FROM log_key_changes c LEFT JOIN log_entries e USING (entry_id)
        WHERE c.number > $1 ORDER BY c.number LIMIT $2
        """;

    /// <summary>The steps, in order.</summary>
    public static IReadOnlyList<AuditStep> Steps { get; } =
    [
        new("statements", StatementsAsync), new("translations", TranslationsAsync), new("retraction_entries", LedgersAsync), new("captures", CapturesAsync),
        new("decisions", DecisionsAsync), new("log_key_changes", KeyChangesAsync),
    ];

    private static async Task<AuditPart> StatementsAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            StatementsSql,
            row => (Id: row.GetGuid(0), Name: row.GetString(1), Subject: row.GetString(2), Content: row.GetString(3), Record: row.GetString(4),
                Nonce: row.GetFieldValue<byte[]>(5), At: row.GetFieldValue<DateTimeOffset>(6), Body: Body(row, 7)),
            Id(cursor), Batch);
        return AuditPart.OfRows(rows, row => row.Id.ToString(), Findings(rows, row => $"statements/{row.Id}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Statement, row.Id, row.Nonce, EvidenceRecord.Sha256(row.Content), row.Record,
            entry => entry.At == row.At && EvidenceRecord.Read<Statement>(row.Record).Name == row.Name && row.Name.StartsWith($"{row.Subject}/", StringComparison.Ordinal))));
    }

    private static async Task<AuditPart> TranslationsAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            TranslationsSql,
            row => (Id: row.GetGuid(0), Language: row.GetString(1), Version: row.GetInt32(2), Content: row.GetString(3), Record: row.GetString(4),
                Nonce: row.GetFieldValue<byte[]>(5), At: row.GetFieldValue<DateTimeOffset>(6), Body: Body(row, 7)),
            Id(cursor), Batch);
        return AuditPart.OfRows(rows, row => row.Id.ToString(), Findings(rows, row => $"translations/{row.Id}/{row.Language}/{AuditStep.Text(row.Version)}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Translation, row.Id, row.Nonce, EvidenceRecord.Sha256(row.Content), row.Record,
            entry => entry.At == row.At && EvidenceRecord.Read<Translation>(row.Record) is var record && record.Language == row.Language && record.Version == row.Version)));
    }

    private static async Task<AuditPart> LedgersAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            LedgersSql,
            row => (Id: row.GetGuid(0), Number: row.GetInt32(1), Record: row.GetString(2), Nonce: row.GetFieldValue<byte[]>(3), At: row.GetFieldValue<DateTimeOffset>(4),
                Body: Body(row, 5), State: row.IsDBNull(6) ? null : row.GetString(6)),
            Id(cursor), Batch);
        var findings = Findings(rows, row => $"retraction_entries/{row.Id}/{AuditStep.Text(row.Number)}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Retraction, row.Id, row.Nonce, contentSha256: null, row.Record, entry => entry.At == row.At)).ToList();
        // What is searched by is derived, and must be what the evidence gives; where the evidence is not to be believed, that is the finding.
        var changed = findings.Select(finding => finding.Subject.Split('/')[1]).ToHashSet(StringComparer.Ordinal);
        findings.AddRange(rows.GroupBy(row => row.Id)
            .Where(ledger => !changed.Contains(ledger.Key.ToString())
                && ledger.First().State != RetractionFold.NameOf(RetractionFold.Of([.. ledger.Select(row => EvidenceRecord.Read<RetractionEntry>(row.Record))])))
            .Select(ledger => new AuditFinding($"retraction_states/{ledger.Key}", "The state is not what the ledger folds to.")));
        return AuditPart.OfRows(rows, row => row.Id.ToString(), findings);
    }

    private static async Task<AuditPart> CapturesAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            CapturesSql,
            row => (Id: row.GetGuid(0), MediaType: row.GetString(1), Size: row.GetInt64(2), Sha256: row.GetFieldValue<byte[]>(3), Nonce: row.GetFieldValue<byte[]>(4),
                At: row.GetFieldValue<DateTimeOffset>(5), Body: Body(row, 6)),
            Id(cursor), CaptureBatch);
        var contents = new Dictionary<Guid, byte[]>();
        foreach (var row in rows)
        {
            contents[row.Id] = await Sha256Async(tx, row.Id);
        }

        return AuditPart.OfRows(rows, row => row.Id.ToString(), Findings(rows, row => $"captures/{row.Id}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Captured, row.Id, row.Nonce, contents[row.Id], record: null,
            entry => entry.At == row.At && entry.MediaType == row.MediaType && entry.Size == row.Size && contents[row.Id].AsSpan().SequenceEqual(row.Sha256))));
    }

    private static async Task<byte[]> Sha256Async(Tx tx, Guid captureId)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var number = 0; await tx.QuerySingleOrDefaultAsync(ChunkSql, static row => row.GetFieldValue<byte[]>(0), captureId, number) is { } data; number++)
        {
            hash.AppendData(data);
        }

        return hash.GetHashAndReset();
    }

    private static async Task<AuditPart> DecisionsAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(DecisionsSql, row => (Id: row.GetGuid(0), Sha256: row.GetFieldValue<byte[]>(1), Body: Body(row, 2)), Id(cursor), Batch);
        return AuditPart.OfRows(rows, row => row.Id.ToString(), Findings(rows, row => $"decisions/{row.Id}", row => ProblemOf(
            row.Body, LogEntry.Kinds.Decision, row.Id, nonce: [], contentSha256: null, record: null, entry => row.Sha256.AsSpan().SequenceEqual(entry.Sha256))));
    }

    private static async Task<AuditPart> KeyChangesAsync(Tx tx, long size, string cursor)
    {
        var rows = await tx.QueryAsync(
            KeyChangesSql,
            row => (Number: row.GetInt32(0), Previous: row.GetString(1), Next: row.GetString(2), ObjectId: row.IsDBNull(3) ? Guid.Empty : row.GetGuid(3), Body: Body(row, 4)),
            (int)AuditStep.Number(cursor), Batch);
        return AuditPart.OfRows(rows, row => AuditStep.Text(row.Number), Findings(rows, row => $"log_key_changes/{AuditStep.Text(row.Number)}", row => ProblemOf(
            row.Body, LogEntry.Kinds.KeyChange, row.ObjectId, nonce: [], contentSha256: null, record: null,
            entry => KeyHistory.DocumentSha256(row.Previous, row.Next).AsSpan().SequenceEqual(entry.Sha256))));
    }

    /// <summary>Why a row is not what was logged; null when it is.</summary>
    /// <param name="body">Its entry as it is stored.</param>
    /// <param name="kind">What that must say.</param>
    /// <param name="objectId">What it must be about.</param>
    /// <param name="nonce">The r of the commitments.</param>
    /// <param name="contentSha256">Of the content; null where the entry commits to none.</param>
    /// <param name="record">The record; null where the entry commits to none.</param>
    /// <param name="agrees">Whether the other columns are as the entry and the record, which are to be believed by then, say.</param>
    private static string? ProblemOf(byte[]? body, string kind, Guid objectId, byte[] nonce, byte[]? contentSha256, string? record, Func<LogEntry, bool> agrees)
    {
        var (entry, problem) = EvidenceCheck.Open(body, kind, objectId);
        return problem ?? EvidenceCheck.Changed(entry!, nonce, contentSha256, record) ?? (agrees(entry!) ? null : "The columns beside it do not say what was logged.");
    }

    private static IEnumerable<AuditFinding> Findings<T>(IReadOnlyList<T> rows, Func<T, string> subjectOf, Func<T, string?> problemOf)
        => rows.Select(row => (Row: row, Problem: problemOf(row))).Where(found => found.Problem is not null).Select(found => new AuditFinding(subjectOf(found.Row), found.Problem!));

    private static Guid Id(string cursor) => cursor.Length == 0 ? Guid.Empty : Guid.Parse(cursor);

    private static byte[]? Body(Npgsql.NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}
