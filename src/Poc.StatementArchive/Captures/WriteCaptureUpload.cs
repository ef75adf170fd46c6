using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.StatementArchive.Captures;

/// <summary>Puts a part of an upload on disk, sealed under the key of the capture that it will be.</summary>
public sealed class WriteCaptureUpload(Database database, StoredUploads uploads, IOptions<CaptureOptions> options, TimeProvider clock)
{
    // The offset makes a part that was sent twice, or by two, miss instead of being stored twice.
    private const string AppendSql = """
        WITH moved AS (
            UPDATE capture_uploads SET received_bytes = received_bytes + $4, parts = parts + 1, expires_at = $6
            WHERE capture_id = $1 AND received_bytes = $2 AND parts = $3
            RETURNING capture_id
        )
        INSERT INTO capture_chunks (capture_id, number, data, is_sealed) SELECT capture_id, $3, $5, true FROM moved
        """;

    /// <summary>Answers when the part is on disk.</summary>
    public async Task<WriteCaptureUploadResponse> HandleAsync(WriteCaptureUploadRequest request, CancellationToken cancellation)
    {
        Check(request);
        var upload = await FindAsync(request, cancellation);
        var end = request.Offset + request.Data.Length;
        new Violations()
            .Require(end <= upload.Size, "data", "must not go beyond capture.size_bytes")
            .Require(request.Data.Length >= CaptureRules.MinPart || end == upload.Size, "data", $"must have at least {CaptureRules.MinPart} bytes where it is not the last part")
            .ThrowIfAny();
        var key = await uploads.KeyOfAsync(upload, cancellation) ?? throw ArchiveErrors.UploadNotFound(request.Name);
        var (@sealed, expires) = (key.CloseChunk(upload.Parts, request.Data.Span), clock.Now() + options.Value.UploadLifetime);
        if (await database.InTransactionAsync(
            tx => tx.ExecuteAsync(AppendSql, upload.Id, upload.Received, upload.Parts, (long)request.Data.Length, @sealed, expires), cancellation) == 0)
        {
            // Another call was faster, or the upload was dropped: now it is somewhere else.
            upload = await FindAsync(request, cancellation);
            throw ArchiveErrors.UploadOffsetMismatch(request.Name, upload.Received);
        }

        return new() { Upload = (upload with { Received = end, ExpiresAt = expires }).ToUpload() };
    }

    private async Task<UploadRow> FindAsync(WriteCaptureUploadRequest request, CancellationToken cancellation)
    {
        var upload = await database.ReadAsync(tx => StoredUploads.FindAsync(tx, StoredUploads.IdOf(request.Name)), cancellation) ?? throw ArchiveErrors.UploadNotFound(request.Name);
        return upload.Received == request.Offset ? upload : throw ArchiveErrors.UploadOffsetMismatch(request.Name, upload.Received);
    }

    private static void Check(WriteCaptureUploadRequest request) => new Violations()
        .Name("name", request.Name, "captureUploads/{upload}")
        .Require(request.Offset >= 0, "offset", "must not be negative")
        .Require(request.Data.Length is > 0 and <= CaptureRules.MaxPart, "data", $"must have from 1 to {CaptureRules.MaxPart} bytes")
        .Require(SHA256.HashData(request.Data.Span).AsSpan().SequenceEqual(request.DataSha256.Span), "data_sha256", "must be the SHA-256 of data")
        .ThrowIfAny();
}
