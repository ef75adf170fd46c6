using Microsoft.Extensions.Options;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.StatementArchive.Captures;

/// <summary>Drops uploads that nobody goes on with. Any number of replicas may do it at once: each takes other rows.</summary>
public sealed class ExpiredUploads(Database database, StoredUploads uploads, IOptions<CaptureOptions> options, TimeProvider clock, ILogger<ExpiredUploads> logger) : BackgroundService
{
    private const string DueSql = "SELECT capture_id FROM capture_uploads WHERE expires_at <= $1 ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.UploadSweepSeconds), clock);
        try
        {
            do
            {
                await SweepAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        try
        {
            while (await database.InTransactionAsync(DropNextAsync, cancellation) is var dropped && dropped != Guid.Empty)
            {
                logger.LogInformation("Upload {Upload} was not gone on with and is dropped", dropped);
            }
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            logger.LogWarning(problem, "Uploads that nobody goes on with could not be dropped; tried again in {Seconds} s", options.Value.UploadSweepSeconds);
        }
    }

    private async Task<Guid> DropNextAsync(Tx tx)
    {
        var due = await tx.QuerySingleOrDefaultAsync(DueSql, static row => row.GetGuid(0), clock.Now());
        if (due != Guid.Empty)
        {
            await uploads.DropAsync(tx, due);
        }

        return due;
    }
}
