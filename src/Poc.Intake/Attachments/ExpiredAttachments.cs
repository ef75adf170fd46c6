using Microsoft.Extensions.Options;
using Poc.Postgres;

namespace Poc.Intake.Attachments;

/// <summary>
/// Lets go of the bytes of files that no request named in time; the row stays and says so. Any number of replicas may do it at once: each takes other rows.
/// </summary>
internal sealed class ExpiredAttachments(Database database, IOptions<IntakeOptions> options, TimeProvider clock, ILogger<ExpiredAttachments> logger) : BackgroundService
{
    private const int Batch = 100;

    private const string Expire =
        """
        WITH due AS (
            SELECT id FROM attachments WHERE state IN ('UPLOADING', 'COMPLETE') AND expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM attachment_chunks USING due WHERE attachment = due.id
        )
        UPDATE attachments SET state = 'EXPIRED' FROM due WHERE attachments.id = due.id
        """;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.AttachmentSweepInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await database.InTransactionAsync(tx => tx.ExecuteAsync(Expire, clock.GetUtcNow(), Batch), stoppingToken) == Batch)
                {
                    // There are more.
                }
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                logger.LogWarning(problem, "Expired attachments could not be removed; tried again in {Interval}", options.Value.AttachmentSweepInterval);
            }
        }
    }
}
