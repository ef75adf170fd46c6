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
public sealed class RecordCapture(Database database, KeyStore keys, CaptureRecorder recorder, TimeProvider clock)
{
    private const int MaxSize = 64 * 1024 * 1024;

    private const string InsertChunkSql = "INSERT INTO capture_chunks (capture_id, number, data, is_sealed) VALUES ($1, $2, $3, true)";

    /// <summary>Answers when bytes and entry are on disk.</summary>
    public async Task<RecordCaptureResponse> HandleAsync(IAsyncStreamReader<RecordCaptureRequest> messages, Caller caller, CancellationToken cancellation)
    {
        if (!await messages.MoveNext(cancellation))
        {
            throw CommonErrors.FieldInvalid("capture", "is required in the first message");
        }

        var stated = messages.Current.Capture ?? new Capture();
        CaptureRules.Check(stated, caller, MaxSize, StatementRules.NewestDay(clock));
        if (await database.ReadAsync(tx => recorder.KnownAsync(tx, stated.Source), cancellation) is { } known)
        {
            return new() { Capture = CaptureRules.Same(known, stated) };
        }

        var key = await keys.NewAsync(CaptureRules.GroupOf(stated.Source), cancellation);

        // Not a unit of work that can be repeated: the bytes come only once. Its sender sends them again.
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var tx = new Tx(connection, cancellation);
        stated.DetectedMediaType = await ReceiveAsync(tx, key, stated, messages);
        if (await recorder.AppendAsync(tx, key, stated, caller) is not { } capture)
        {
            // A twin was faster; this transaction sees what it committed.
            return new() { Capture = CaptureRules.Same((await recorder.KnownAsync(tx, stated.Source))!, stated) };
        }

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
                .Require(data.Length <= CaptureRules.MaxPart, "data", $"must have at most {CaptureRules.MaxPart} bytes")
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
}
