using Poc.Postgres;

namespace Poc.StatementArchive.Statements;

/// <summary>What is stored of an entry's content, as it was committed to.</summary>
/// <param name="Text">The words; null where the entry commits to none, or to captured bytes.</param>
/// <param name="Record">Canonical JSON of what was recorded; null where the entry commits to none.</param>
/// <param name="Nonce">Opens both commitments.</param>
internal sealed record Evidence(string? Text, string? Record, byte[] Nonce);

/// <summary>The one place that reads contents to hand them out as evidence.</summary>
internal static class StoredEvidence
{
    private const string EvidenceSql = """
        SELECT content, record, nonce FROM statements WHERE statement_id = $1 AND entry_id = $2
        UNION ALL SELECT content, record, nonce FROM translations WHERE statement_id = $1 AND entry_id = $2
        UNION ALL SELECT NULL, record, nonce FROM retraction_entries WHERE statement_id = $1 AND entry_id = $2
        UNION ALL SELECT NULL, NULL, nonce FROM captures WHERE capture_id = $1 AND entry_id = $2
        """;

    private const string ChunkSql = "SELECT data FROM capture_chunks WHERE capture_id = $1 AND number = $2";

    /// <summary>What belongs to an entry; null when nothing does (any more).</summary>
    public static Task<Evidence?> OfEntryAsync(Tx tx, Guid objectId, Guid entryId) => tx.QuerySingleOrDefaultAsync(
        EvidenceSql,
        static row => new Evidence(row.IsDBNull(0) ? null : row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetFieldValue<byte[]>(2)),
        objectId, entryId);

    /// <summary>A part of a capture, from 0; null beyond the last.</summary>
    public static Task<byte[]?> ChunkAsync(Tx tx, Guid captureId, int number)
        => tx.QuerySingleOrDefaultAsync(ChunkSql, static row => row.GetFieldValue<byte[]>(0), captureId, number);
}
