using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Retractions;

/// <summary>Reads ledgers.</summary>
internal static class RetractionLedger
{
    private const string LedgersSql = """
        SELECT r.statement_id, r.record, e.index
        FROM retraction_entries r JOIN log_entries e USING (entry_id) WHERE r.statement_id = ANY ($1) ORDER BY r.statement_id, r.number
        """;

    /// <summary>The ledger of each statement, in the order of recording; empty for one without entries.</summary>
    public static async Task<ILookup<Guid, RetractionEntry>> LookupAsync(Tx tx, IReadOnlyCollection<Guid> statementIds)
    {
        var entries = await tx.QueryAsync(LedgersSql, row =>
        {
            var entry = EvidenceRecord.Read<RetractionEntry>(row.GetString(1));
            entry.LogIndex = row.GetInt64(2);
            return (StatementId: row.GetGuid(0), Entry: entry);
        }, statementIds.ToArray());
        return entries.ToLookup(entry => entry.StatementId, entry => entry.Entry);
    }

    /// <summary>The ledger of one statement, in the order of recording.</summary>
    public static async Task<IReadOnlyList<RetractionEntry>> ReadAsync(Tx tx, Guid statementId) => [.. (await LookupAsync(tx, [statementId]))[statementId]];
}
