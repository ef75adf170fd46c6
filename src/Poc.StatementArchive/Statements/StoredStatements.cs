using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Annotations;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Holds;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Retractions;

namespace Poc.StatementArchive.Statements;

/// <summary>Puts statements together from what is stored about them.</summary>
public sealed class StoredStatements(KeyStore keys)
{
    private const string StatementsSql = """
        SELECT s.statement_id, s.subject, s.entry_id, s.sealed, s.captured_at, e.index, e.body
        FROM statements s JOIN log_entries e USING (entry_id) WHERE s.statement_id = ANY ($1)
        """;

    private const string TranslationsSql = """
        SELECT statement_id, entry_id, sealed, added_at FROM translations WHERE statement_id = ANY ($1) ORDER BY language, version
        """;

    private const string LockSql = "SELECT statement_id, subject FROM statements WHERE name = $1 FOR NO KEY UPDATE";

    private const string FindSql = "SELECT statement_id FROM statements WHERE name = $1";

    /// <summary>
    /// Those statements as they are now, with all that was added to them and what their ledgers fold to. One that cannot be opened, because it is being erased or was changed
    /// in the database, is not among them.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, Statement>> ReadAsync(Tx tx, IReadOnlyCollection<Guid> ids)
    {
        var rows = await tx.QueryAsync(
            StatementsSql,
            row => new Row(
                row.GetGuid(0), row.GetString(1), row.GetGuid(2), row.GetFieldValue<byte[]>(3), row.GetFieldValue<DateTimeOffset>(4), row.GetInt64(5),
                row.GetFieldValue<byte[]>(6)),
            ids.ToArray());
        var ring = await keys.OfAsync([.. rows.Select(row => (row.Id, row.Subject))], tx.Cancellation);
        var found = new Dictionary<Guid, Statement>();
        foreach (var row in rows)
        {
            if (ring.Open(row.Id, row.EntryId, row.Sealed) is { Text: { } text, Record: { } record } evidence)
            {
                found[row.Id] = Read(row, text, record, evidence.Nonce);
            }
        }

        var translations = await tx.QueryAsync(
            TranslationsSql, row => (Id: row.GetGuid(0), EntryId: row.GetGuid(1), Sealed: row.GetFieldValue<byte[]>(2), At: row.GetFieldValue<DateTimeOffset>(3)), ids.ToArray());
        foreach (var row in translations.Where(row => found.ContainsKey(row.Id)))
        {
            if (ring.Open(row.Id, row.EntryId, row.Sealed) is { Text: { } text, Record: { } record })
            {
                found[row.Id].Translations.Add(TranslationOf(text, record, row.At));
            }
        }

        var ledgers = await RetractionLedger.LookupAsync(tx, ring, ids);
        var notes = await StoredAnnotations.LookupAsync(tx, ring, ids);
        var held = await LegalHolds.HeldAsync(tx, ids);
        foreach (var (id, statement) in found)
        {
            statement.RetractionState = RetractionFold.Of([.. ledgers[id]]);
            foreach (var translation in statement.Translations)
            {
                translation.Reviews.Add(TranslationReviews.Among(notes[id], translation.Language, translation.Version));
                translation.State = TranslationReviews.Of(translation.Reviews);
            }

            statement.Annotations.Add(notes[id].Where(note => note.Review is null && note.Link is null));
            statement.Links.Add(notes[id].Where(note => note.Link is not null).Select(StatementLinks.Of));
            statement.LegalHold = held.Contains(id);
        }

        return found;
    }

    /// <summary>One statement as it is now; what remains of it where it was erased.</summary>
    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND STATEMENT_NOT_FOUND; DATA_LOSS CONTENT_CHANGED.</exception>
    public async Task<Statement> GetAsync(Tx tx, string name)
    {
        if (await tx.QuerySingleOrDefaultAsync(FindSql, static row => (Guid?)row.GetGuid(0), name) is { } id)
        {
            return (await ReadAsync(tx, [id])).GetValueOrDefault(id) ?? throw ArchiveErrors.StatementUnreadable(name);
        }

        return await ErasedObjects.StatementAsync(tx, name) ?? throw ArchiveErrors.StatementNotFound(name);
    }

    /// <summary>Locks a statement for an addition to it, so that additions get their numbers one after the other, and gives its key.</summary>
    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND STATEMENT_NOT_FOUND; FAILED_PRECONDITION OBJECT_ERASED.</exception>
    public async Task<ObjectKey> LockAsync(Tx tx, string name)
    {
        if (await tx.QuerySingleOrDefaultAsync(LockSql, static row => ((Guid Id, string Subject)?)(row.GetGuid(0), row.GetString(1)), name) is var (id, subject))
        {
            return await keys.FindAsync(id, subject, tx.Cancellation) ?? throw ArchiveErrors.ObjectErased(name);
        }

        throw await ErasedObjects.IsErasedAsync(tx, name) ? ArchiveErrors.ObjectErased(name) : ArchiveErrors.StatementNotFound(name);
    }

    /// <summary>A translation as its record and text say.</summary>
    internal static Translation TranslationOf(string text, string record, DateTimeOffset addedAt)
    {
        var translation = EvidenceRecord.Read<Translation>(record);
        translation.Text = text;
        translation.AddedAt = Timestamp.FromDateTimeOffset(addedAt);
        return translation;
    }

    private static Statement Read(Row row, string text, string record, byte[] nonce)
    {
        var statement = EvidenceRecord.Read<Statement>(record);
        statement.Text = text;
        statement.ContentSha256 = ByteString.CopyFrom(EvidenceRecord.Sha256(text));
        statement.CapturedAt = Timestamp.FromDateTimeOffset(row.CapturedAt);
        statement.LogIndex = row.Index;
        statement.LogEntry = ByteString.CopyFrom(row.Body);
        statement.CommitmentNonce = ByteString.CopyFrom(nonce);
        return statement;
    }

    private sealed record Row(Guid Id, string Subject, Guid EntryId, byte[] Sealed, DateTimeOffset CapturedAt, long Index, byte[] Body);
}
