using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Postgres;

namespace Poc.Bus;

/// <summary>Keeps the inbox from growing for ever: removes rows that are older than any repetition the broker could still make.</summary>
internal sealed class InboxSweeper(Inbox inbox, IOptions<BusOptions> options, TimeProvider clock, ILogger<InboxSweeper> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var removed = await inbox.ForgetAsync(options.Value.InboxAge, stoppingToken);
                log.LogDebug("Removed {Count} old rows of the inbox.", removed);
            }
            catch (Exception problem) when (problem is NpgsqlException or OperationCanceledException)
            {
                log.LogDebug(problem, "The inbox was not swept; it will be in an hour.");
            }

            await Wake.AfterAsync(Interval, clock, stoppingToken);
        }
    }
}
