using Microsoft.Extensions.Options;
using Poc.Campaigns.Requests;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Campaigns;

/// <summary>
/// Counts each stored request once among campaigns. One replica does it at a time; what it writes for a group of requests is one transaction that a later holder's fence refuses, and a
/// request that has a fingerprint is not counted again: neither a killed replica nor two at once lose or double any. Nothing of it is on the way of a submission.
/// </summary>
internal sealed class CampaignCounter(Database database, GroupCommit commits, CampaignNews news, IOptions<IntakeOptions> options, TimeProvider clock, ILogger<CampaignCounter> logger) : BackgroundService
{
    private const long Lock = 0x506F_6343_616D_7061;
    private const int Group = 500;
    private const int SmallGroup = 20;

    // A submission is visible a moment after the time of its receipt: what was received longer ago is all there, and is gone through once. One that took longer is found by the wider look.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WiderLook = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WiderReach = TimeSpan.FromMinutes(15);

    // Submissions go first: while so many of this replica's are stored together that callers wait for one another, counting waits, and takes one small group each time its patience is over.
    private const int Crowd = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await Advisory.RunWhileHeldAsync(database.Source, Lock, CountAsync, clock, logger, stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                logger.LogWarning(problem, "Requests are not counted among campaigns for the moment; begun anew from the database in {Pause}", Pause);
            }

            await Task.Delay(Pause, clock, stoppingToken);
        }
    }

    private async Task CountAsync(Fence fence, CancellationToken held)
    {
        await database.InTransactionAsync(async tx =>
        {
            await fence.RequireAsync(tx);
            await news.TellOlderAsync(tx);
        }, held);
        var (detector, baseline, newest) = await database.ReadAsync(tx => CampaignLedger.RestoreAsync(tx, clock.GetUtcNow()), held);
        var (templates, fingerprinter) = (-1, new Fingerprinter(DeclaredTemplates.None));
        var learntAt = baseline.Letters;

        // At first everything that was ever stored, for it may have come while nobody counted.
        var since = DateTimeOffset.UnixEpoch;
        var widerAt = clock.GetUtcNow() + WiderLook;
        while (true)
        {
            var group = await WaitForQuietAsync(held) ? Group : SmallGroup;
            var (known, uncounted) = await database.ReadAsync(async tx => (await CampaignLedger.TemplateCountAsync(tx), await CampaignLedger.UncountedAsync(tx, since, group)), held);
            if (known != templates)
            {
                fingerprinter = new Fingerprinter(await database.ReadAsync(CampaignLedger.TemplatesAsync, held));
                templates = known;
            }

            var prints = new List<Fingerprint>(uncounted.Count);
            foreach (var one in uncounted)
            {
                // One that became visible late is counted now, at the time up to which the others were.
                newest = Math.Max(newest, one.Request.At);
                var print = fingerprinter.Of(one.Request with { At = newest });
                prints.Add(print);
                baseline.Observe(print);
                detector.Add(print);
                await Task.Yield(); // to the calls that wait for a thread
            }

            detector.Advance(clock.GetUtcNow().ToUnixTimeSeconds());
            newest = Math.Max(newest, detector.Clock);
            await WriteAsync(fence, prints, detector.TakeChanges(), held);
            if (baseline.Letters >= 2 * Math.Max(learntAt, 1_000))
            {
                baseline.Learn();
                learntAt = baseline.Letters;
            }

            var now = clock.GetUtcNow();
            if (uncounted.Count == group)
            {
                var last = uncounted[^1].ReceivedAt;
                since = last < now - Settling ? last : last - Settling;
                continue;
            }

            since = now >= widerAt ? now - WiderReach : now - Settling - options.Value.CampaignInterval;
            widerAt = now >= widerAt ? now + WiderLook : widerAt;
            await Task.Delay(options.Value.CampaignInterval, clock, held);
        }
    }

    // False when there was none for as long as the patience lasts.
    private async Task<bool> WaitForQuietAsync(CancellationToken held)
    {
        for (var from = clock.GetTimestamp(); clock.GetElapsedTime(from) < Patience;)
        {
            var (stored, groups) = commits.Counts;
            await Task.Delay(Breath, clock, held);
            var now = commits.Counts;
            if (now.Stored - stored <= Crowd * (now.Groups - groups))
            {
                return true;
            }
        }

        return false;
    }

    private async Task WriteAsync(Fence fence, List<Fingerprint> prints, DetectorChanges changes, CancellationToken held)
    {
        if (prints.Count == 0 && changes.Memberships.Count == 0 && changes.Campaigns.Count == 0)
        {
            return;
        }

        await database.InTransactionAsync(async tx =>
        {
            await fence.RequireAsync(tx);
            await CampaignLedger.WriteAsync(tx, prints, changes, news);
        }, held);
    }
}
