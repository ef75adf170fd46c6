using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Poc.Postgres;
using Poc.StatementArchive.Log;

namespace Poc.StatementArchive.TimeStamps;

/// <summary>
/// Has the newest checkpoint stamped by each authority, no more often than <see cref="ArchiveOptions.TimeStampIntervalSeconds"/>. A stamp that is missing shows: in
/// health, in the metrics and in GetCheckpoint, by how long entries have been waiting for it.
/// </summary>
public sealed class Stamper(
    Database database, LogReader reader, AuthorityList authorities, StampClient client, StampMetrics metrics, IOptions<ArchiveOptions> options, TimeProvider clock,
    ILogger<Stamper> logger)
    : BackgroundService, IHealthCheck
{
    private const long LockKey = 0x0A6C_7473;
    private static readonly TimeSpan MaxLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private TimeSpan Interval => TimeSpan.FromSeconds(options.Value.TimeStampIntervalSeconds);

    /// <summary>Degraded, and never worse, while a stamp is overdue: no authority can take the archive out of service.</summary>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var patience = Interval + TimeSpan.FromSeconds(options.Value.TimeStampPatienceSeconds);
        var overdue = (await StatesAsync(cancellationToken)).Where(state => state.UnstampedAge > patience).Select(state => state.Authority).ToList();
        return overdue.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded($"Time-stamps are overdue: {string.Join(", ", overdue)}.");
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => authorities.All.Count == 0
        ? Task.CompletedTask
        : new Followers(LockKey, MaxLook, "Checkpoints are not stamped").RunAsync(
            database, (_, held) => [ObserveAsync(held), .. authorities.All.Select(authority => FollowAsync(authority, held))], () => metrics.Show([]), clock, logger, stoppingToken);

    private async Task ObserveAsync(CancellationToken held)
    {
        while (true)
        {
            metrics.Show(await StatesAsync(held));
            await Task.Delay(MaxLook, clock, held);
        }
    }

    private async Task FollowAsync(Authority authority, CancellationToken held)
    {
        for (var failures = 0; ; await Task.Delay(PauseAfter(failures), clock, held))
        {
            try
            {
                await StampAsync(authority, held);
                failures = 0;
            }
            catch (StampFailedException failure)
            {
                failures++;
                logger.LogWarning("Authority {Authority} gave no time-stamp, attempt {Attempt}: {Reason}", authority.Name, failures, failure.Message);
            }
        }
    }

    private TimeSpan PauseAfter(int failures) => failures == 0 ? MaxLook : TimeSpan.FromSeconds(Math.Min(Math.Pow(2, failures), LongestPause.TotalSeconds));

    private async Task StampAsync(Authority authority, CancellationToken held)
    {
        var (newest, state) = await database.ReadAsync(async tx => (
            await LogReader.SignedSizeAsync(tx) > 0 ? await reader.NewestAsync(tx) : null,
            (await StoredStamps.StatesAsync(tx, [authority.Name]))[0]), held);
        if (newest is not null && newest.Tree.Size > state.Size && (state.SinceLast is not { } since || since >= Interval))
        {
            await client.StampAsync(authority, newest.Tree, held);
        }
    }

    private async Task<IReadOnlyList<StampState>> StatesAsync(CancellationToken cancellation) => authorities.All.Count == 0
        ? []
        : await database.ReadAsync(tx => StoredStamps.StatesAsync(tx, authorities.Names), cancellation);
}
