using System.Security.Cryptography;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Kernel.Media;
using Poc.Postgres;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Captures;

/// <summary>
/// Keeps bytes that another service received. They go to disk as they come, in one transaction with the entry that commits to them: a stream that breaks off, or whose
/// bytes are not what was stated, leaves nothing behind.
/// </summary>
public sealed class RecordCapture(Database database, KeyStore keys, CaptureView captures, LogAppender log, IdSource ids, TimeProvider clock)
{
    private const int MaxSize = 64 * 1024 * 1024;
    private const int MaxMessageData = 1024 * 1024;

    private const string InsertSql = """
        INSERT INTO captures (capture_id, source, media_type, size_bytes, key_group, sealed, entry_id, captured_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT ON CONSTRAINT uq_captures_source DO NOTHING
        """;

    private const string InsertChunkSql = "INSERT INTO capture_chunks (capture_id, number, data, is_sealed) VALUES ($1, $2, $3, true)";

    /// <summary>Answers when bytes and entry are on disk.</summary>
    public async Task<RecordCaptureResponse> HandleAsync(IAsyncStreamReader<RecordCaptureRequest> messages, Caller caller, CancellationToken cancellation)
    {
        if (!await messages.MoveNext(cancellation))
        {
            throw CommonErrors.FieldInvalid("capture", "is required in the first message");
        }

        var stated = messages.Current.Capture ?? new Capture();
        Check(stated, caller, StatementRules.NewestDay(clock));
        if (await database.ReadAsync(tx => KnownAsync(tx, stated.Source), cancellation) is { } known)
        {
            return Same(known, stated);
        }

        var group = GroupOf(stated.Source);
        var key = await keys.NewAsync(group, cancellation);

        // Not a unit of work that can be repeated: the bytes come only once. Its sender sends them again.
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var tx = new Tx(connection, cancellation);
        stated.DetectedMediaType = await ReceiveAsync(tx, key, stated, messages);
        if (!await AppendAsync(tx, key, group, stated, caller))
        {
            // A twin was faster; this transaction sees what it committed.
            return Same((await KnownAsync(tx, stated.Source))!, stated);
        }

        var capture = await captures.FindAsync(tx, key.ObjectId);
        await transaction.CommitAsync(CancellationToken.None);
        return new RecordCaptureResponse { Capture = capture };
    }

    /// <summary>Puts the bytes on disk, and gives what they look like.</summary>
    private static async Task<string> ReceiveAsync(Tx tx, ObjectKey key, Capture stated, IAsyncStreamReader<RecordCaptureRequest> messages)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (number, size) = (0, 0L);
        var head = new MemoryStream(MediaTypeSniffer.Length);
        do
        {
            var data = messages.Current.Data;
            new Violations()
                .Require(data.Length <= MaxMessageData, "data", $"must have at most {MaxMessageData} bytes")
                .Require((size += data.Length) <= stated.SizeBytes, "data", "must not go beyond capture.size_bytes")
                .ThrowIfAny();
            if (data.Length > 0)
            {
                hash.AppendData(data.Span);
                head.Write(data.Span[..Math.Min(data.Length, MediaTypeSniffer.Length - (int)head.Length)]);
                await tx.ExecuteAsync(InsertChunkSql, key.ObjectId, number, key.CloseChunk(number, data.Span));
                number++;
            }
        }
        while (await messages.MoveNext(tx.Cancellation));
        new Violations()
            .Require(size == stated.SizeBytes, "capture.size_bytes", "must be the size of the bytes that were sent")
            .Require(hash.GetHashAndReset().AsSpan().SequenceEqual(stated.Sha256.Span), "capture.sha256", "must be the SHA-256 of the bytes that were sent")
            .ThrowIfAny();
        return MediaTypeSniffer.Sniff(head.ToArray());
    }

    private async Task<bool> AppendAsync(Tx tx, ObjectKey key, string group, Capture stated, Caller caller)
    {
        var nonce = RandomNumberGenerator.GetBytes(Commitment.NonceSize);
        var (entryId, at) = (ids.Next(), clock.Now());
        var record = EvidenceRecord.Of(stated);
        var @sealed = key.Close(entryId, new Evidence(Text: null, record, nonce, stated.Sha256.ToByteArray()));
        if (await tx.ExecuteAsync(InsertSql, key.ObjectId, stated.Source, stated.MediaType, stated.SizeBytes, group, @sealed, entryId, at) == 0)
        {
            return false;
        }

        var actor = await log.ActorAsync(tx, caller.Id);
        await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Captured, entryId, key.ObjectId, actor, at)
        {
            Commitment = Commitment.Of(nonce, stated.Sha256.Span),
            RecordCommitment = EvidenceRecord.Commit(nonce, record),
            MediaType = stated.MediaType,
            Size = stated.SizeBytes,
        });
        return true;
    }

    // What was erased does not come back under its old name.
    private async Task<Capture?> KnownAsync(Tx tx, string source) => await captures.OfSourceAsync(tx, source)
        ?? (await ErasedObjects.NameOfSourceAsync(tx, source) is { } erased ? throw ArchiveErrors.ObjectErased(erased) : null);

    // All that came with one request shares a group: partners/{partner}/requests/{request}.
    private static string GroupOf(string source) => source.Split('/') is { Length: > 2 } parts ? string.Join('/', parts[..^2]) : "captures";

    private static bool IsUpload(string source) => source.Split('/') is ["uploads", var id] && Guid.TryParseExact(id, "D", out _);

    private static RecordCaptureResponse Same(Capture known, Capture stated) =>
        known.Sha256 == stated.Sha256 ? new RecordCaptureResponse { Capture = known } : throw ArchiveErrors.CaptureExists(stated.Source);

    private static void Check(Capture stated, Caller caller, DateOnly newest) => new Violations()
        .NotBlank("capture.source", stated.Source)
        .Require(
            caller.Roles.Contains(Roles.ServiceIntake) != IsUpload(stated.Source), "capture.source", "must be uploads/{upload} with a UUID where staff capture, and another where Intake does")
        .MaxLength("capture.source_url", stated.SourceUrl, StatementRules.MaxDescription)
        .Handle("capture.tool", stated.Tool)
        .Handle("capture.collector", stated.Collector)
        .Date("capture.saved", stated.Saved, newest, required: false)
        .MaxLength("capture.source", stated.Source, 400)
        .NotBlank("capture.media_type", stated.MediaType)
        .MaxLength("capture.media_type", stated.MediaType, 129)
        .Require(stated.SizeBytes is > 0 and <= MaxSize, "capture.size_bytes", $"must be from 1 to {MaxSize}")
        .Require(stated.Sha256.Length == SHA256.HashSizeInBytes, "capture.sha256", "must have 32 bytes")
        .ThrowIfAny();
}
