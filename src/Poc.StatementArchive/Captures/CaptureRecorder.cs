using System.Security.Cryptography;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Captures;

/// <summary>Makes bytes that are on disk a capture: the row, and the entry that commits to them.</summary>
public sealed class CaptureRecorder(CaptureView captures, LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO captures (capture_id, source, media_type, size_bytes, key_group, sealed, entry_id, captured_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT ON CONSTRAINT uq_captures_source DO NOTHING
        """;

    /// <summary>The capture of a source; null when there is none.</summary>
    /// <exception cref="RpcError">FAILED_PRECONDITION OBJECT_ERASED: what was erased does not come back under its old name.</exception>
    public async Task<Capture?> KnownAsync(Tx tx, string source) => await captures.OfSourceAsync(tx, source)
        ?? (await ErasedObjects.NameOfSourceAsync(tx, source) is { } erased ? throw ArchiveErrors.ObjectErased(erased) : null);

    /// <summary>Adds row and entry; null when a capture of that source is there already.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="key">The capture's.</param>
    /// <param name="stated">What it is, with the media type that was detected.</param>
    /// <param name="caller">Who hands it over.</param>
    internal async Task<Capture?> AppendAsync(Tx tx, ObjectKey key, Capture stated, Caller caller)
    {
        var nonce = RandomNumberGenerator.GetBytes(Commitment.NonceSize);
        var (entryId, at) = (ids.Next(), clock.Now());
        var record = EvidenceRecord.Of(stated);
        var @sealed = key.Close(entryId, new Evidence(Text: null, record, nonce, stated.Sha256.ToByteArray()));
        if (await tx.ExecuteAsync(InsertSql, key.ObjectId, stated.Source, stated.MediaType, stated.SizeBytes, CaptureRules.GroupOf(stated.Source), @sealed, entryId, at) == 0)
        {
            return null;
        }

        var actor = await log.ActorAsync(tx, caller.Id);
        await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Captured, entryId, key.ObjectId, actor, at)
        {
            Commitment = Commitment.Of(nonce, stated.Sha256.Span),
            RecordCommitment = EvidenceRecord.Commit(nonce, record),
            MediaType = stated.MediaType,
            Size = stated.SizeBytes,
        });
        return await captures.FindAsync(tx, key.ObjectId);
    }
}
