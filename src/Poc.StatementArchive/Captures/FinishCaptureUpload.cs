using System.Security.Cryptography;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel.Media;
using Poc.Postgres;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Captures;

/// <summary>
/// Makes an upload a capture. What is on disk is hashed, not what came: parts never change once they are written, so that this needs no lock, and the transaction that
/// follows is short.
/// </summary>
public sealed class FinishCaptureUpload(Database database, StoredUploads uploads, CaptureView captures, CaptureRecorder recorder)
{
    /// <summary>Answers when row and entry are on disk.</summary>
    public async Task<FinishCaptureUploadResponse> HandleAsync(FinishCaptureUploadRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Name("name", request.Name, "captureUploads/{upload}").ThrowIfAny();
        var id = StoredUploads.IdOf(request.Name);
        if (await database.ReadAsync(tx => StoredUploads.FindAsync(tx, id), cancellation) is not { } upload)
        {
            return new() { Capture = await database.ReadAsync(tx => FinishedAsync(tx, id), cancellation) };
        }

        if (upload.Received < upload.Size)
        {
            throw ArchiveErrors.UploadIncomplete(upload.Name, upload.Received, upload.Size);
        }

        var key = await uploads.KeyOfAsync(upload, cancellation) ?? throw ArchiveErrors.UploadNotFound(upload.Name);
        if (upload.Open(key) is not { } stated || await HashAsync(key, upload.Parts, cancellation) is not var (sha256, detected))
        {
            await database.InTransactionAsync(tx => uploads.DropAsync(tx, id), cancellation);
            throw ArchiveErrors.UploadUnreadable(upload.Name);
        }

        if (!stated.Sha256.Span.SequenceEqual(sha256))
        {
            await database.InTransactionAsync(tx => uploads.DropAsync(tx, id), cancellation);
            throw ArchiveErrors.UploadHashMismatch(upload.Name, Convert.ToHexStringLower(stated.Sha256.Span), Convert.ToHexStringLower(sha256));
        }

        stated.DetectedMediaType = detected;
        return new() { Capture = await database.InTransactionAsync(tx => FinishAsync(tx, key, stated, caller), cancellation) };
    }

    private async Task<Capture> FinishAsync(Tx tx, ObjectKey key, Capture stated, Caller caller)
    {
        if (await StoredUploads.LockAsync(tx, key.ObjectId) is null)
        {
            return await FinishedAsync(tx, key.ObjectId);
        }

        if (await recorder.AppendAsync(tx, key, stated, caller) is { } capture)
        {
            await StoredUploads.EndAsync(tx, key.ObjectId);
            return capture;
        }

        // The same source came in one call meanwhile.
        var known = CaptureRules.Same((await recorder.KnownAsync(tx, stated.Source))!, stated);
        await uploads.DropAsync(tx, key.ObjectId);
        return known;
    }

    private async Task<Capture> FinishedAsync(Tx tx, Guid id) => await captures.FindAsync(tx, id)
        ?? throw (await ErasedObjects.IsErasedAsync(tx, $"captures/{id:D}") ? ArchiveErrors.ObjectErased($"captures/{id:D}") : ArchiveErrors.UploadNotFound($"captureUploads/{id:D}"));

    // Null where a part was changed or is missing.
    private async Task<(byte[] Sha256, string Detected)?> HashAsync(ObjectKey key, int parts, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var head = new MemoryStream(MediaTypeSniffer.Length);
        for (var number = 0; number < parts; number++)
        {
            byte[]? part;
            try
            {
                part = await database.ReadAsync(tx => StoredEvidence.ChunkAsync(tx, key, number), cancellation);
            }
            catch (InvalidDataException)
            {
                return null;
            }

            if (part is null)
            {
                return null;
            }

            hash.AppendData(part);
            head.Write(part.AsSpan(0, Math.Min(part.Length, MediaTypeSniffer.Length - (int)head.Length)));
        }

        return (hash.GetHashAndReset(), MediaTypeSniffer.Sniff(head.ToArray()));
    }
}
