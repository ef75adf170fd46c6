using Microsoft.Extensions.Options;

namespace Poc.StatementArchive.Keys;

/// <summary>
/// Seals the secrets of the key store under the current master key, where another one was current when they were made, so that the other can be taken out of the
/// configuration. It can be interrupted at any time and goes on with what is left; it looks again every hour, since a replica of before may go on for a while.
/// </summary>
public sealed class KeyResealer(KeyStore keys, IOptions<KeyStoreOptions> options, TimeProvider clock, ILogger<KeyResealer> logger) : BackgroundService
{
    private const int ProgressEvery = 10_000;

    private static readonly TimeSpan _pause = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var told = false;
        while (true)
        {
            try
            {
                var count = await keys.ResealAsync(Progress, stoppingToken);
                if (count > 0 || (!told && options.Value.Keys.Count > 1))
                {
                    logger.LogInformation(
                        "{Count} secrets are sealed anew; all are under the master key {Key}, and every other can go once no replica has another as its current one", count, options.Value.CurrentKey);
                    told = true;
                }
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                logger.LogError(problem, "Secrets are not sealed under the current master key for the moment: {Reason}", problem.Message);
            }

            await Task.Delay(_pause, clock, stoppingToken);
        }
    }

    private void Progress(long count)
    {
        if (count % ProgressEvery < KeyStore.ResealPage)
        {
            logger.LogInformation("{Count} secrets are sealed under the current master key", count);
        }
    }
}
