using Microsoft.Extensions.Options;
using Npgsql;

namespace Poc.Notification.Deliveries;

/// <summary>Wakes the sender when mail is queued, on this replica or another. It may fail and miss: the sender also looks by itself.</summary>
internal sealed class MailQueueListener(
    NpgsqlDataSource source, MailSender sender, IOptions<MailOptions> options, TimeProvider clock, ILogger<MailQueueListener> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (problem is NpgsqlException or IOException)
            {
                logger.LogInformation("Not listening to the mail queue ({Problem}); looking at it every {Poll}", problem.GetType().Name, options.Value.Poll);
                await Task.Delay(options.Value.Poll, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken stopping)
    {
        await using var connection = await source.OpenConnectionAsync(stopping);
        connection.Notification += (_, _) => sender.Wake();
        await using (var command = new NpgsqlCommand($"LISTEN {DeliveryWriter.MailChannel}", connection))
        {
            await command.ExecuteNonQueryAsync(stopping);
        }

        // Something may have been queued before the ear was there.
        sender.Wake();
        while (true)
        {
            await connection.WaitAsync(stopping);
        }
    }
}
