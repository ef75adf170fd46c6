using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Retractions;

namespace Poc.StatementArchive.Statements;

/// <summary>Puts statements together from what is stored about them.</summary>
internal static class StoredStatement
{
    private const string StatementsSql = """
        SELECT s.statement_id, s.content, s.record, s.captured_at, e.index, e.body, s.nonce
        FROM statements s JOIN log_entries e USING (entry_id) WHERE s.statement_id = ANY ($1)
        """;

    private const string TranslationsSql = """
        SELECT statement_id, content, record, added_at FROM translations WHERE statement_id = ANY ($1) ORDER BY language, version
        """;

    private const string LockSql = "SELECT statement_id FROM statements WHERE name = $1 FOR NO KEY UPDATE";

    /// <summary>Those statements as they are now, with their translations and what their ledgers fold to.</summary>
    public static async Task<IReadOnlyDictionary<Guid, Statement>> ReadAsync(Tx tx, IReadOnlyCollection<Guid> ids)
    {
        var statements = await tx.QueryAsync(StatementsSql, row =>
        {
            var statement = EvidenceRecord.Read<Statement>(row.GetString(2));
            statement.Text = row.GetString(1);
            statement.ContentSha256 = ByteString.CopyFrom(EvidenceRecord.Sha256(statement.Text));
            statement.CapturedAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(3));
            statement.LogIndex = row.GetInt64(4);
            statement.LogEntry = ByteString.CopyFrom(row.GetFieldValue<byte[]>(5));
            statement.CommitmentNonce = ByteString.CopyFrom(row.GetFieldValue<byte[]>(6));
            return (Id: row.GetGuid(0), Statement: statement);
        }, ids.ToArray());
        var found = statements.ToDictionary(statement => statement.Id, statement => statement.Statement);
        var translations = await tx.QueryAsync(
            TranslationsSql,
            row => (row.GetGuid(0), Translation(row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3))),
            ids.ToArray());
        foreach (var (id, translation) in translations)
        {
            found[id].Translations.Add(translation);
        }

        var ledgers = await RetractionLedger.LookupAsync(tx, ids);
        foreach (var (id, statement) in found)
        {
            statement.RetractionState = RetractionFold.Of([.. ledgers[id]]);
        }

        return found;
    }

    /// <summary>Locks a statement for an addition to it, so that additions get their numbers one after the other.</summary>
    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND STATEMENT_NOT_FOUND.</exception>
    public static async Task<Guid> LockAsync(Tx tx, string name)
        => await tx.QuerySingleOrDefaultAsync(LockSql, row => (Guid?)row.GetGuid(0), name) ?? throw ArchiveErrors.StatementNotFound(name);

    private static Translation Translation(string content, string record, DateTimeOffset addedAt)
    {
        var translation = EvidenceRecord.Read<Translation>(record);
        translation.Text = content;
        translation.AddedAt = Timestamp.FromDateTimeOffset(addedAt);
        return translation;
    }
}
