using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Captures;

/// <summary>Gives an evidentiary copy to read, and puts on record that it was read.</summary>
public sealed class ReadCapture(Database database, StoredEvidence stored, CaptureView captures, LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string LockSql = "SELECT 1 FROM captures WHERE capture_id = $1 FOR UPDATE";

    /// <summary>Writes the capture, then its bytes.</summary>
    public async Task HandleAsync(ReadCaptureRequest request, IServerStreamWriter<ReadCaptureResponse> stream, Caller caller, CancellationToken cancellation)
    {
        new Violations().Name("name", request.Name, "captures/{capture}").ThrowIfAny();
        if (!Guid.TryParseExact(request.Name["captures/".Length..], "D", out var id))
        {
            throw ArchiveErrors.CaptureNotFound(request.Name);
        }

        var capture = await database.InTransactionAsync(tx => RecordReadingAsync(tx, id, caller), cancellation) ?? throw ArchiveErrors.CaptureNotFound(request.Name);
        await stream.WriteAsync(new ReadCaptureResponse { Capture = capture }, cancellation);
        await using var bytes = new CaptureStream(database, stored, id, capture.SizeBytes, capture.LogIndex);
        while (await bytes.NextAsync(cancellation) is { } part)
        {
            await stream.WriteAsync(new ReadCaptureResponse { Data = UnsafeByteOperations.UnsafeWrap(part) }, cancellation);
        }
    }

    private async Task<Capture?> RecordReadingAsync(Tx tx, Guid id, Caller caller)
    {
        // Held because the entries of one object name their predecessor.
        if (await tx.QuerySingleOrDefaultAsync(LockSql, static row => row.GetInt32(0), id) == 0 || await captures.FindAsync(tx, id) is not { } capture)
        {
            return await ErasedObjects.IsErasedAsync(tx, $"captures/{id:D}") ? throw ArchiveErrors.ObjectErased($"captures/{id:D}") : null;
        }

        var actor = await log.ActorAsync(tx, caller.Id);
        await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Custody, ids.Next(), id, actor, clock.Now()));
        return capture;
    }
}
