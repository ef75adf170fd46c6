using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Kernel.Merkle;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>An entry that the log has taken, durable with the transaction that appended it.</summary>
/// <param name="Index">Its place in the log, from 0, without gaps.</param>
public readonly record struct LoggedEntry(long Index);

/// <summary>
/// Appends to the log, in the transaction of what the entry tells of. The database gives the index and lets one transaction at a time append, until it commits:
/// append as late in the transaction as possible.
/// </summary>
public sealed class LogAppender(IdSource ids)
{
    // The trigger tr_log_entries_sequence gives the index.
    private const string AppendSql = "INSERT INTO log_entries (index, entry_id, object_id, kind, body) VALUES (0, $1, $2, $3, $4) RETURNING index";

    private const string LastOfObjectSql = "SELECT body FROM log_entries WHERE object_id = $1 ORDER BY index DESC LIMIT 1";

    private const string ActorSql = "SELECT actor_id FROM actors WHERE caller = $1";

    private const string AddActorSql = "INSERT INTO actors (actor_id, caller) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT uq_actors_caller DO NOTHING";

    /// <summary>Appends. The caller holds the object's row, or has just made it: entries of one object name their predecessor.</summary>
    public async Task<LoggedEntry> AppendAsync(Tx tx, LogEntry entry)
    {
        var last = await tx.QuerySingleOrDefaultAsync(LastOfObjectSql, row => row.GetFieldValue<byte[]>(0), entry.ObjectId);
        var body = (entry with { Predecessor = last is null ? null : MerkleTree.HashLeaf(last) }).ToBytes();
        return new LoggedEntry(await tx.ScalarAsync<long>(AppendSql, entry.Id, entry.ObjectId, entry.Kind, body));
    }

    /// <summary>The random id under which the log knows a caller (<c>staff/…</c>, <c>services/…</c>).</summary>
    public async Task<Guid> ActorAsync(Tx tx, string caller)
    {
        var known = await tx.QuerySingleOrDefaultAsync(ActorSql, row => row.GetGuid(0), caller);
        if (known != Guid.Empty)
        {
            return known;
        }

        // Somebody else may add the same caller now; the next statement sees who was first.
        await tx.ExecuteAsync(AddActorSql, ids.Next(), caller);
        return await tx.ScalarAsync<Guid>(ActorSql, caller);
    }
}
