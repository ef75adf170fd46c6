using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Search;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Erasures;

/// <summary>Takes an object whose key is destroyed out of the archive: what was sealed, what was derived from it, and the answers that were kept about it.</summary>
public sealed class Eraser(LogAppender log, IdSource ids)
{
    private const string FindSql = """
        SELECT name, NULL, captured_at FROM statements WHERE statement_id = $1
        UNION ALL SELECT 'captures/' || capture_id, source, captured_at FROM captures WHERE capture_id = $1
        """;

    private const string LockSql = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))";

    private const string AddSql = """
        INSERT INTO erased_objects (object_id, name, source, captured_at, document, entry_id, erased_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        """;

    // What refers to others goes first. The triggers let go what is in erased_objects, and nothing that is under a hold.
    private static readonly IReadOnlyList<string> _deletions =
    [
        "DELETE FROM retraction_states WHERE statement_id = $1",
        "DELETE FROM retraction_entries WHERE statement_id = $1",
        "DELETE FROM translations WHERE statement_id = $1",
        "DELETE FROM annotations WHERE object_id = $1",
        "DELETE FROM statements WHERE statement_id = $1",
        "DELETE FROM capture_chunks WHERE capture_id = $1",
        "DELETE FROM captures WHERE capture_id = $1",
        "DELETE FROM legal_holds WHERE object_id = $1 AND lifts IS NULL",
        "DELETE FROM legal_holds WHERE object_id = $1",
    ];

    /// <summary>Erases, if the object is there. Whether that is so.</summary>
    public async Task<bool> EraseAsync(Tx tx, ErasedKey erasure)
    {
        // Several replicas may open the archive at once.
        await tx.ExecuteAsync(LockSql, erasure.ObjectId);
        if (await tx.QuerySingleOrDefaultAsync(
            FindSql, static row => (Name: row.GetString(0), Source: row.IsDBNull(1) ? null : row.GetString(1), At: row.GetFieldValue<DateTimeOffset>(2)), erasure.ObjectId)
            is not { Name: not null } found)
        {
            return false;
        }

        var entryId = ids.Next();
        await tx.ExecuteAsync(AddSql, erasure.ObjectId, found.Name, found.Source, found.At, erasure.Document, entryId, erasure.ErasedAt);
        await SearchIndex.RemoveAsync(tx, erasure.ObjectId);
        foreach (var deletion in _deletions)
        {
            await tx.ExecuteAsync(deletion, erasure.ObjectId);
        }

        await IdempotentWrites.ForgetAsync(tx, erasure.ObjectId);
        var actor = await log.ActorAsync(tx, erasure.ConfirmedBy);
        await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Erased, entryId, erasure.ObjectId, actor, erasure.ErasedAt)
        {
            Sha256 = ErasureDocument.Sha256(erasure.Document),
        });
        if (!ObjectName.IsCapture(found.Name))
        {
            await Outbox.AddAsync(tx, new StatementErased(
                ids.Next(), found.Name, 1, erasure.ErasedAt, ErasureDocument.Parse(erasure.Document).Reason.ToString()));
        }

        return true;
    }
}
