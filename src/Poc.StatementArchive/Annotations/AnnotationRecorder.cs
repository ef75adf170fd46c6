using System.Security.Cryptography;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Annotations;

/// <summary>Puts a note on record, under the key of its object.</summary>
public sealed class AnnotationRecorder(LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string NumberSql = "SELECT coalesce(max(number), 0) + 1 FROM annotations WHERE object_id = $1";

    private const string InsertSql = "INSERT INTO annotations (object_id, number, sealed, entry_id, added_at) VALUES ($1, $2, $3, $4, $5)";

    /// <summary>Adds the row and the entry, and gives the note's number; the caller holds the object.</summary>
    internal async Task<int> RecordAsync(Tx tx, ObjectKey key, Annotation note, Caller caller)
    {
        var number = await tx.ScalarAsync<int>(NumberSql, key.ObjectId);
        var (entryId, at) = (ids.Next(), clock.Now());
        var actor = await log.ActorAsync(tx, caller.Id);
        note.Author = caller.Id;
        var record = EvidenceRecord.Of(note);
        var nonce = RandomNumberGenerator.GetBytes(Commitment.NonceSize);
        await tx.ExecuteAsync(InsertSql, key.ObjectId, number, key.Close(entryId, new Evidence(Text: null, record, nonce)), entryId, at);
        await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Annotation, entryId, key.ObjectId, actor, at) { RecordCommitment = EvidenceRecord.Commit(nonce, record) });
        return number;
    }
}
