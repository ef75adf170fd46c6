using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;

namespace Poc.Intake.Attachments;

/// <summary>
/// Hands the files of requests over to the archive, which keeps the evidentiary copy and commits to it in its log. The row of the file is the order: it stays due until
/// the archive has answered, however often either of the two goes away. The archive takes each file once, by its name.
/// </summary>
internal sealed class ArchiveHandover(
    Database database, StatementArchiveService.StatementArchiveServiceClient archive, IOptions<IntakeOptions> options, TimeProvider clock, ILogger<ArchiveHandover> logger)
    : BackgroundService
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(5);

    // As long as a call may take: after it another replica takes the file over.
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(2);

    private const string Take =
        """
        UPDATE attachments
        SET handover_attempts = handover_attempts + 1, next_handover_at = $2
        WHERE id = (SELECT id FROM attachments WHERE next_handover_at <= $1 ORDER BY next_handover_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, partner_id, media_type, size_bytes, sha256, handover_attempts
        """;

    private const string Done = "UPDATE attachments SET capture = $2, log_index = $3, next_handover_at = NULL WHERE id = $1";

    private const string Again = "UPDATE attachments SET next_handover_at = $2 WHERE id = $1 AND capture IS NULL";

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.HandoverInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await HandOverNextAsync(stoppingToken))
                {
                    // There are more.
                }
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                logger.LogWarning(problem, "No attachment could be handed over to the archive; tried again in {Interval}", options.Value.HandoverInterval);
            }
        }
    }

    private async Task<bool> HandOverNextAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var file = await database.InTransactionAsync(
            tx => tx.QuerySingleOrDefaultAsync(
                Take,
                static row => new Due(new AttachmentName(row.GetString(1), row.GetGuid(0)), row.GetString(2), row.GetInt64(3), row.GetFieldValue<byte[]>(4), row.GetInt32(5)),
                now, now + _lease),
            cancellation);
        if (file is null)
        {
            return false;
        }

        try
        {
            var capture = await SendAsync(file, cancellation);
            await database.InTransactionAsync(tx => tx.ExecuteAsync(Done, file.Name.Id, capture.Name, capture.LogIndex), cancellation);
            return true;
        }
        catch (Exception problem) when (problem is RpcException or InvalidOperationException && !cancellation.IsCancellationRequested)
        {
            var pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(file.Attempts, 20)) * 0.5, _longestPause.TotalSeconds));
            logger.LogWarning("The archive did not take {Attachment} (attempt {Attempt}, {Problem}); tried again in {Pause}", file.Name, file.Attempts, problem.Message, pause);
            await database.InTransactionAsync(tx => tx.ExecuteAsync(Again, file.Name.Id, clock.GetUtcNow() + pause), cancellation);
            return false;
        }
    }

    private async Task<Capture> SendAsync(Due file, CancellationToken cancellation)
    {
        using var call = archive.RecordCapture(deadline: (clock.GetUtcNow() + _lease).UtcDateTime, cancellationToken: cancellation);
        try
        {
            await call.RequestStream.WriteAsync(
                new RecordCaptureRequest
                {
                    Capture = new Capture { Source = file.Name.ToString(), MediaType = file.MediaType, SizeBytes = file.Size, Sha256 = ByteString.CopyFrom(file.Sha256) },
                },
                cancellation);
            await foreach (var block in AttachmentBytes.ReadAsync(database, file.Name.Id, 0, cancellation))
            {
                await call.RequestStream.WriteAsync(new RecordCaptureRequest { Data = UnsafeByteOperations.UnsafeWrap(block) }, cancellation);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception problem) when (problem is RpcException or InvalidOperationException or IOException)
        {
            // The archive ended the call early: because it has the file already, or with a reason. Its answer says which.
        }

        return (await call.ResponseAsync).Capture;
    }

    private sealed record Due(AttachmentName Name, string MediaType, long Size, byte[] Sha256, int Attempts);
}
