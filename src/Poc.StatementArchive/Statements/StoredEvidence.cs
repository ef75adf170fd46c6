using Poc.Postgres;
using Poc.StatementArchive.Keys;

namespace Poc.StatementArchive.Statements;

/// <summary>The one place that reads contents to hand them out as evidence.</summary>
public sealed class StoredEvidence(KeyStore keys)
{
    private const string EvidenceSql = """
        SELECT sealed, subject FROM statements WHERE statement_id = $1 AND entry_id = $2
        UNION ALL SELECT t.sealed, s.subject FROM translations t JOIN statements s USING (statement_id) WHERE t.statement_id = $1 AND t.entry_id = $2
        UNION ALL SELECT t.sealed, s.subject FROM retraction_entries t JOIN statements s USING (statement_id) WHERE t.statement_id = $1 AND t.entry_id = $2
        UNION ALL SELECT sealed, key_group FROM captures WHERE capture_id = $1 AND entry_id = $2
        UNION ALL SELECT t.sealed, coalesce(s.subject, c.key_group) FROM (
            SELECT object_id, entry_id, sealed FROM annotations UNION ALL SELECT object_id, entry_id, sealed FROM legal_holds) t
        LEFT JOIN statements s ON s.statement_id = t.object_id LEFT JOIN captures c ON c.capture_id = t.object_id WHERE t.object_id = $1 AND t.entry_id = $2
        """;

    private const string GroupSql = """
        SELECT subject FROM statements WHERE statement_id = $1 UNION ALL SELECT key_group FROM captures WHERE capture_id = $1
        """;

    private const string ChunkSql = "SELECT data FROM capture_chunks WHERE capture_id = $1 AND number = $2";

    /// <summary>What belongs to an entry; null when nothing does (any more), or it was changed.</summary>
    public async Task<Evidence?> OfEntryAsync(Tx tx, Guid objectId, Guid entryId)
        => await tx.QuerySingleOrDefaultAsync(
            EvidenceSql, static row => ((byte[] Sealed, string Group)?)(row.GetFieldValue<byte[]>(0), row.GetString(1)), objectId, entryId) is var (@sealed, group)
            && await keys.FindAsync(objectId, group, tx.Cancellation) is { } key
                ? key.Open(entryId, @sealed)
                : null;

    /// <summary>The key of an object; null when the object or its key is gone.</summary>
    public async Task<ObjectKey?> KeyOfAsync(Tx tx, Guid objectId)
        => await tx.QuerySingleOrDefaultAsync(GroupSql, static row => row.GetString(0), objectId) is { } group ? await keys.FindAsync(objectId, group, tx.Cancellation) : null;

    /// <summary>A part of a capture, from 0; null beyond the last.</summary>
    /// <exception cref="InvalidDataException">The part was changed.</exception>
    public static async Task<byte[]?> ChunkAsync(Tx tx, ObjectKey key, int number)
        => await tx.QuerySingleOrDefaultAsync(ChunkSql, static row => row.GetFieldValue<byte[]>(0), key.ObjectId, number) is { } @sealed
            ? key.OpenChunk(number, @sealed) ?? throw new InvalidDataException("A part of the capture is not what was captured.")
            : null;
}
