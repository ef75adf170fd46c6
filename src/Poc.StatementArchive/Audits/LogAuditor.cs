using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Kernel;
using Poc.Postgres;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Log;

namespace Poc.StatementArchive.Audits;

/// <summary>
/// Reads the whole log and all that it commits to again, in one replica, part by part and no faster than it is told, and goes on after a crash where it was. What is
/// not as it was logged is an alarm: a critical line, a degraded check, a metric, and mail to those who must know.
/// </summary>
public sealed class LogAuditor(
    Database database, TreeAudit tree, EvidenceAudit evidence, Opening opening, AuditMetrics metrics, IdSource ids, IOptions<ArchiveOptions> options, TimeProvider clock, ILogger<LogAuditor> logger)
    : BackgroundService, IHealthCheck
{
    /// <summary>What an audit begins with.</summary>
    internal const string FirstStep = "log_entries";

    private const long LockKey = 0x0A6C_6175;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private readonly IReadOnlyList<AuditStep> _steps = [.. tree.Steps, .. evidence.Steps];

    private TimeSpan Period => TimeSpan.FromMinutes(options.Value.AuditPeriodMinutes);

    /// <summary>Degraded while the audit that runs, or else the last one, found something, and when none has come to its end for two periods.</summary>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (newest, finished) = await NewestAsync(cancellationToken);
        return Math.Max(newest?.FindingCount ?? 0, finished?.FindingCount ?? 0) > 0
            ? HealthCheckResult.Degraded("The audit found things that are not as they were logged.")
            : newest is not null && clock.GetUtcNow() - (finished?.FinishedAt ?? newest.StartedAt) > 2 * Period
                ? HealthCheckResult.Degraded("No audit has come to its end for two periods.")
                : HealthCheckResult.Healthy();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Advisory.RunWhileHeldAsync(database.Source, LockKey, RunAsync, clock, logger, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                logger.LogError(problem, "The audit stopped and will go on where it was: {Reason}", problem.Message);
                await Task.Delay(Idle, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunAsync(Fence fence, CancellationToken held)
    {
        try
        {
            while (true)
            {
                var (newest, finished) = await NewestAsync(held);
                metrics.Show(newest?.FindingCount ?? 0, clock.GetUtcNow() - finished?.FinishedAt);
                var pause = newest is { FinishedAt: null } ? await ReadPartAsync(newest, fence, held) : await BeginIfDueAsync(newest, fence, held);
                await Task.Delay(pause, clock, held);
            }
        }
        finally
        {
            metrics.Hide();
        }
    }

    private Task<TimeSpan> BeginIfDueAsync(AuditState? last, Fence fence, CancellationToken held) => database.InTransactionAsync(async tx =>
    {
        await fence.RequireAsync(tx);
        var size = await LogReader.SignedSizeAsync(tx);
        if (size < 0 || !opening.IsOpen || (last is not null && clock.GetUtcNow() - last.StartedAt < Period))
        {
            return Idle;
        }

        await AuditStore.BeginAsync(tx, ids.Next(), size, FirstStep);
        return TimeSpan.Zero;
    }, held);

    /// <summary>Reads the next part, and gives how long to wait so that it is not read faster than it may be.</summary>
    private async Task<TimeSpan> ReadPartAsync(AuditState audit, Fence fence, CancellationToken held)
    {
        var begin = clock.GetTimestamp();
        var place = _steps.TakeWhile(step => step.Name != audit.Step).Count();
        if (place == _steps.Count)
        {
            // Begun by a newer version, which will go on with it.
            return Idle;
        }

        var part = await database.ReadAsync(tx => _steps[place].ReadAsync(tx, audit.Size, audit.Cursor), held);
        var next = place + 1 < _steps.Count ? _steps[place + 1].Name : null;
        var found = await database.InTransactionAsync(async tx =>
        {
            await fence.RequireAsync(tx);
            var added = await AuditStore.AdvanceAsync(tx, audit, part, next);
            if (added.Count > 0 && audit.FindingCount == 0)
            {
                await Outbox.AddAsync(tx, new LogAlarmRaised(ids.Next(), $"audits/{audit.Id}", 1, clock.Now(), LogAlarmRaised.ByAudit));
            }

            return added;
        }, held);
        foreach (var finding in found)
        {
            logger.LogCritical("Audit {Audit} found {Subject} not to be as it was logged: {Problem}", audit.Id, finding.Subject, finding.Problem);
        }

        metrics.Checked(audit.Step, part.Checked);
        var due = TimeSpan.FromSeconds((double)part.Checked / options.Value.AuditItemsPerSecond) - clock.GetElapsedTime(begin);
        return due > TimeSpan.Zero ? due : TimeSpan.Zero;
    }

    private Task<(AuditState? Newest, AuditState? Finished)> NewestAsync(CancellationToken cancellation)
        => database.ReadAsync(async tx => (await AuditStore.NewestAsync(tx), await AuditStore.FinishedAsync(tx)), cancellation);
}
