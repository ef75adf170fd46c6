using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Captures;

/// <summary>Begins an upload, or says where one stands that was begun before.</summary>
public sealed class StartCaptureUpload(Database database, KeyStore keys, StoredUploads uploads, CaptureRecorder recorder, IOptions<CaptureOptions> options, TimeProvider clock)
{
    // One at a time of a person, so that each counts the others.
    private const string LockCallerSql = "SELECT pg_advisory_xact_lock(hashtextextended($1 || '/captureUploads', 0))";

    private const string CountSql = "SELECT count(*) FROM capture_uploads WHERE started_by = $1";

    private const string InsertSql = """
        INSERT INTO capture_uploads (capture_id, source, media_type, size_bytes, key_group, stated, started_by, received_bytes, parts, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8) ON CONFLICT ON CONSTRAINT uq_capture_uploads_source DO NOTHING
        """;

    /// <summary>Answers with the upload as it is on disk.</summary>
    public async Task<StartCaptureUploadResponse> HandleAsync(StartCaptureUploadRequest request, Caller caller, CancellationToken cancellation)
    {
        var stated = request.Capture ?? new Capture();
        CaptureRules.Check(stated, caller, options.Value.MaxUploadBytes, StatementRules.NewestDay(clock));

        // Of an upload that is there already it is not used, and remains nobody's.
        var key = await keys.NewAsync(CaptureRules.GroupOf(stated.Source), cancellation);
        return await database.InTransactionAsync(tx => StartAsync(tx, key, stated, caller), cancellation);
    }

    private async Task<StartCaptureUploadResponse> StartAsync(Tx tx, ObjectKey key, Capture stated, Caller caller)
    {
        await tx.ExecuteAsync(LockCallerSql, caller.Id);
        if (await StandingAsync(tx, stated) is { } standing)
        {
            return standing;
        }

        if (await tx.ScalarAsync<long>(CountSql, caller.Id) >= options.Value.MaxOpenUploads)
        {
            throw ArchiveErrors.UploadsOpen(options.Value.MaxOpenUploads);
        }

        var @sealed = key.Close(
            key.ObjectId, new Evidence(Text: null, EvidenceRecord.Of(stated), RandomNumberGenerator.GetBytes(Commitment.NonceSize), stated.Sha256.ToByteArray()));
        var expires = clock.Now() + options.Value.UploadLifetime;
        return await tx.ExecuteAsync(
            InsertSql, key.ObjectId, stated.Source, stated.MediaType, stated.SizeBytes, CaptureRules.GroupOf(stated.Source), @sealed, caller.Id, expires) == 0
            // Somebody else began it at the same moment; this transaction sees what that one committed.
            ? await StandingAsync(tx, stated) ?? throw ArchiveErrors.CaptureExists(stated.Source)
            : new() { Upload = (await StoredUploads.FindAsync(tx, key.ObjectId))!.ToUpload() };
    }

    private async Task<StartCaptureUploadResponse?> StandingAsync(Tx tx, Capture stated)
    {
        if (await recorder.KnownAsync(tx, stated.Source) is { } known)
        {
            return new() { Capture = CaptureRules.Same(known, stated) };
        }

        if (await StoredUploads.LockAsync(tx, stated.Source) is not { } upload)
        {
            return null;
        }

        if (await uploads.KeyOfAsync(upload, tx.Cancellation) is not { } key || upload.Open(key) is not { } before)
        {
            // Half dropped, or changed: it cannot be gone on with.
            await uploads.DropAsync(tx, upload.Id);
            return null;
        }

        CaptureRules.Same(before, stated);
        return new() { Upload = upload.ToUpload() };
    }
}
