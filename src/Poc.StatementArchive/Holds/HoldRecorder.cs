using System.Security.Cryptography;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Holds;

/// <summary>Records that a hold begins or ends, and why, under the key of its object.</summary>
public sealed class HoldRecorder(LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = "INSERT INTO legal_holds (hold_id, object_id, lifts, sealed, entry_id, at) VALUES ($1, $2, $3, $4, $5, $6)";

    /// <summary>Adds the row and the entry; the caller holds the object.</summary>
    internal async Task<Guid> RecordAsync(Tx tx, ObjectKey key, Guid? lifts, LegalHold said, Caller caller)
    {
        var (holdId, entryId, at) = (ids.Next(), ids.Next(), clock.Now());
        var actor = await log.ActorAsync(tx, caller.Id);
        var record = EvidenceRecord.Of(said);
        var nonce = RandomNumberGenerator.GetBytes(Commitment.NonceSize);
        await tx.ExecuteAsync(InsertSql, holdId, key.ObjectId, lifts, key.Close(entryId, new Evidence(Text: null, record, nonce)), entryId, at);
        await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.LegalHold, entryId, key.ObjectId, actor, at) { RecordCommitment = EvidenceRecord.Commit(nonce, record) });
        return holdId;
    }
}
