using Poc.Kernel.Log;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.Postgres;
using Poc.StatementArchive.Log;

namespace Poc.StatementArchive.Audits;

/// <summary>Reads the log itself again: each entry against its leaf hash, each node against its children, each root and signature against the nodes.</summary>
public sealed class TreeAudit(LogKey key)
{
    private const int Batch = 500;

    // What a tree head of a large log is made of is up to 62 nodes.
    private const int HeadBatch = 50;

    // Whatever an entry tells of must still be there; what it is now, EvidenceAudit reads.
    private const string EntriesSql = """
        SELECT i.index, e.entry_id, e.object_id, e.kind, e.body, n.hash, CASE e.kind
            WHEN 'erased' THEN EXISTS (SELECT 1 FROM erased_objects t WHERE t.object_id = e.object_id AND t.entry_id = e.entry_id)
            WHEN 'statement' THEN EXISTS (SELECT 1 FROM statements t WHERE t.statement_id = e.object_id AND t.entry_id = e.entry_id)
            WHEN 'translation' THEN EXISTS (SELECT 1 FROM translations t WHERE t.statement_id = e.object_id AND t.entry_id = e.entry_id)
            WHEN 'retraction' THEN EXISTS (SELECT 1 FROM retraction_entries t WHERE t.statement_id = e.object_id AND t.entry_id = e.entry_id)
            WHEN 'captured' THEN EXISTS (SELECT 1 FROM captures t WHERE t.capture_id = e.object_id AND t.entry_id = e.entry_id)
            WHEN 'annotation' THEN EXISTS (SELECT 1 FROM annotations t WHERE t.object_id = e.object_id AND t.entry_id = e.entry_id)
            WHEN 'legal_hold' THEN EXISTS (SELECT 1 FROM legal_holds t WHERE t.object_id = e.object_id AND t.entry_id = e.entry_id)
            WHEN 'decision' THEN EXISTS (SELECT 1 FROM decisions t WHERE t.decision_id = e.object_id AND t.entry_id = e.entry_id)
            WHEN 'key_change' THEN EXISTS (SELECT 1 FROM log_key_changes t WHERE t.entry_id = e.entry_id)
            WHEN 'custody' THEN position('"sha256"' IN convert_from(e.body, 'UTF8')) = 0 OR EXISTS (SELECT 1 FROM handovers t WHERE t.object_id = e.object_id AND t.entry_id = e.entry_id)
                OR NOT EXISTS ( -- the seal of an export
                    SELECT 1 FROM statements t WHERE t.statement_id = e.object_id UNION ALL SELECT 1 FROM captures t WHERE t.capture_id = e.object_id
                    UNION ALL SELECT 1 FROM erased_objects t WHERE t.object_id = e.object_id)
            ELSE true END OR (e.kind NOT IN ('erased', 'custody') AND EXISTS (SELECT 1 FROM erased_objects x WHERE x.object_id = e.object_id))
        FROM generate_series($1::bigint, $2::bigint - 1) AS i (index)
        LEFT JOIN log_entries e ON e.index = i.index LEFT JOIN log_nodes n ON n.level = 0 AND n.index = i.index
        ORDER BY i.index
        """;

    private const string NodesSql = """
        SELECT i.index, n.hash, l.hash, r.hash FROM generate_series($2::bigint, $3::bigint - 1) AS i (index)
        LEFT JOIN log_nodes n ON n.level = $1 AND n.index = i.index
        LEFT JOIN log_nodes l ON l.level = $1 - 1 AND l.index = 2 * i.index
        LEFT JOIN log_nodes r ON r.level = $1 - 1 AND r.index = 2 * i.index + 1
        ORDER BY i.index
        """;

    private const string HeadsSql = """
        SELECT h.size, h.root_hash, c.note, h.previous_size IS NULL OR EXISTS (SELECT 1 FROM log_tree_heads p WHERE p.size = h.previous_size)
        FROM log_tree_heads h LEFT JOIN log_checkpoints c USING (size) WHERE h.size >= $1 AND h.size <= $2 ORDER BY h.size LIMIT $3
        """;

    // Without its head nobody would look at it.
    private const string HeadlessSql = "SELECT c.size FROM log_checkpoints c LEFT JOIN log_tree_heads h USING (size) WHERE h.size IS NULL ORDER BY c.size LIMIT 100";

    private const string CosignaturesSql = """
        SELECT c.size, c.verifier_key, k.note, c.line FROM log_cosignatures c LEFT JOIN log_checkpoints k USING (size) WHERE c.size >= $1 ORDER BY c.size LIMIT $2
        """;

    /// <summary>The steps, in order.</summary>
    internal IReadOnlyList<AuditStep> Steps =>
    [
        new("log_entries", EntriesAsync), new("log_nodes", NodesAsync), new("log_checkpoints", HeadsAsync), new("log_cosignatures", CosignaturesAsync),
    ];

    private static async Task<AuditPart> EntriesAsync(Tx tx, long size, string cursor)
    {
        var start = AuditStep.Number(cursor);
        var end = Math.Min(size, start + Batch);
        var rows = await tx.QueryAsync(
            EntriesSql,
            row => new EntryRow(
                row.GetInt64(0), row.IsDBNull(4) ? null : (row.GetGuid(1), row.GetGuid(2), row.GetString(3)), Bytes(row, 4), Bytes(row, 5), row.GetBoolean(6)),
            start, end);
        var findings = rows.Select(row => (row.Index, Problem: ProblemOf(row))).Where(row => row.Problem is not null)
            .Select(row => new AuditFinding($"log_entries/{AuditStep.Text(row.Index)}", row.Problem!));
        return new AuditPart(end < size ? AuditStep.Text(end) : null, rows.Count, [.. findings]);
    }

    private static string? ProblemOf(EntryRow row)
    {
        if (row.Body is null || row.Columns is not var (id, objectId, kind))
        {
            return "The entry is gone.";
        }

        if (row.LeafHash is null || !MerkleTree.HashLeaf(row.Body).AsSpan().SequenceEqual(row.LeafHash))
        {
            return "The entry is not the one that was hashed.";
        }

        try
        {
            var entry = LogEntry.Parse(row.Body);
            return entry.Id != id || entry.ObjectId != objectId || entry.Kind != kind
                ? "The columns beside the entry do not say what it says."
                : row.IsThere ? null : "What the entry tells of is gone.";
        }
        catch (FormatException)
        {
            return "The entry is not one that this version can read.";
        }
    }

    private static async Task<AuditPart> NodesAsync(Tx tx, long size, string cursor)
    {
        var (level, start) = cursor.Split(':') is [var l, var i] ? ((int)AuditStep.Number(l), AuditStep.Number(i)) : (1, 0);
        var count = size >> level;
        if (count == 0)
        {
            return new AuditPart(null, 0, []);
        }

        var end = Math.Min(count, start + Batch);
        var rows = await tx.QueryAsync(NodesSql, row => (Index: row.GetInt64(0), Hash: Bytes(row, 1), Left: Bytes(row, 2), Right: Bytes(row, 3)), (short)level, start, end);
        var findings = rows.Where(row => !IsParent(row.Hash, row.Left, row.Right)).Select(row => new AuditFinding(
            $"log_nodes/{AuditStep.Text(level)}/{AuditStep.Text(row.Index)}", "The node is not the hash of what is below it, or a part of that is gone."));
        return new AuditPart(end < count ? $"{AuditStep.Text(level)}:{AuditStep.Text(end)}" : $"{AuditStep.Text(level + 1)}:0", rows.Count, [.. findings]);
    }

    private static bool IsParent(byte[]? node, byte[]? left, byte[]? right)
        => node is not null && left is { Length: MerkleTree.HashSize } && right is { Length: MerkleTree.HashSize } && MerkleTree.HashNode(left, right).AsSpan().SequenceEqual(node);

    private async Task<AuditPart> HeadsAsync(Tx tx, long size, string cursor)
    {
        var findings = new List<AuditFinding>();
        if (cursor.Length == 0)
        {
            findings.AddRange((await tx.QueryAsync(HeadlessSql, row => row.GetInt64(0))).Select(headless => Finding(headless, "Its tree head is gone.")));
        }

        var heads = await tx.QueryAsync(
            HeadsSql, row => (Size: row.GetInt64(0), Root: Bytes(row, 1)!, Note: row.IsDBNull(2) ? null : row.GetString(2), HasPrevious: row.GetBoolean(3)),
            AuditStep.Number(cursor), size, HeadBatch);
        var nodes = await LogReader.NodesAsync(tx, [.. heads.SelectMany(head => CompactRange.NodesOf(head.Size)).Distinct()]);
        foreach (var head in heads)
        {
            var wanted = CompactRange.NodesOf(head.Size);
            var hashes = wanted.Where(nodes.ContainsKey).Select(node => nodes[node]).Where(hash => hash.Length == MerkleTree.HashSize).ToList();
            if (hashes.Count != wanted.Count || !new CompactRange(head.Size, hashes).Root().AsSpan().SequenceEqual(head.Root))
            {
                findings.Add(Finding(head.Size, "The root of the tree head is not that of the nodes."));
            }

            if (!head.HasPrevious)
            {
                findings.Add(Finding(head.Size, "The tree head that it extends is gone."));
            }

            if (head.Note is { } note && ProblemOf(note, head.Size, head.Root) is { } problem)
            {
                findings.Add(Finding(head.Size, problem));
            }
        }

        return new AuditPart(heads.Count < HeadBatch ? null : AuditStep.Text(heads[^1].Size + 1), heads.Count, findings);

        static AuditFinding Finding(long size, string problem) => new($"log_checkpoints/{AuditStep.Text(size)}", problem);
    }

    private string? ProblemOf(string note, long size, byte[] root)
    {
        try
        {
            var signed = Checkpoint.Open(note, key.Trusted);
            return signed.Size == size && signed.RootHash.AsSpan().SequenceEqual(root) ? null : "The checkpoint is not over the tree head.";
        }
        catch (FormatException)
        {
            return "The checkpoint is not signed by a key of the log.";
        }
    }

    private static async Task<AuditPart> CosignaturesAsync(Tx tx, long size, string cursor)
    {
        // The next part begins with the last size of this one again: there are not as many witnesses as a part is long.
        var rows = await tx.QueryAsync(
            CosignaturesSql, row => (Size: row.GetInt64(0), Key: row.GetString(1), Note: row.IsDBNull(2) ? "" : row.GetString(2), Line: row.GetString(3)),
            AuditStep.Number(cursor), Batch);
        var findings = rows.Where(row => !IsCosigned(row.Key, row.Note + row.Line))
            .Select(row => new AuditFinding($"log_cosignatures/{AuditStep.Text(row.Size)}", "The cosignature is not that of the witness over the checkpoint."));
        return new AuditPart(rows.Count < Batch ? null : AuditStep.Text(rows[^1].Size), rows.Count, [.. findings]);
    }

    private static bool IsCosigned(string key, string note)
    {
        try
        {
            return NoteKey.Parse(key) is { IsCosigner: true } witness && SignedNote.Open(note, witness).Signers.Count == 1;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static byte[]? Bytes(Npgsql.NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);

    private sealed record EntryRow(long Index, (Guid Id, Guid ObjectId, string Kind)? Columns, byte[]? Body, byte[]? LeafHash, bool IsThere);
}
