using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Retractions;

/// <summary>Reads ledgers.</summary>
internal static class RetractionLedger
{
    private const string LedgersSql = """
        SELECT r.statement_id, r.entry_id, r.sealed, e.index
        FROM retraction_entries r JOIN log_entries e USING (entry_id) WHERE r.statement_id = ANY ($1) ORDER BY r.statement_id, r.number
        """;

    /// <summary>The ledger of each statement, in the order of recording; empty for one without entries, or whose key is not on the ring.</summary>
    /// <exception cref="Poc.Grpc.RpcError">DATA_LOSS CONTENT_CHANGED: a state that is folded from a part of its evidence would be a lie.</exception>
    public static async Task<ILookup<Guid, RetractionEntry>> LookupAsync(Tx tx, KeyRing ring, IReadOnlyCollection<Guid> statementIds)
    {
        var rows = await tx.QueryAsync(
            LedgersSql, row => (Id: row.GetGuid(0), EntryId: row.GetGuid(1), Sealed: row.GetFieldValue<byte[]>(2), Index: row.GetInt64(3)), statementIds.ToArray());
        return rows.Where(row => ring.Find(row.Id) is not null).ToLookup(row => row.Id, row =>
        {
            var record = ring.Open(row.Id, row.EntryId, row.Sealed)?.Record ?? throw ArchiveErrors.ContentChanged(row.Index);
            var entry = EvidenceRecord.Read<RetractionEntry>(record);
            entry.LogIndex = row.Index;
            return entry;
        });
    }

    /// <summary>The ledger of one statement, in the order of recording.</summary>
    public static async Task<IReadOnlyList<RetractionEntry>> ReadAsync(Tx tx, ObjectKey key)
        => [.. (await LookupAsync(tx, new KeyRing(new Dictionary<Guid, ObjectKey> { [key.ObjectId] = key }), [key.ObjectId]))[key.ObjectId]];
}
