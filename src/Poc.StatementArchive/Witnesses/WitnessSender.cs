using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Kernel;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.Postgres;
using Poc.StatementArchive.Log;

namespace Poc.StatementArchive.Witnesses;

/// <summary>
/// Sends the newest checkpoint to each witness, with the proof that it extends the last one that the witness cosigned, and keeps the cosignatures. A witness that is
/// away is asked again later and holds up neither the signing nor the other witnesses. One that knows a larger tree than ours, or another one, is an alarm: the
/// database was set back or somebody else has the key. It stays open until that witness cosigns again.
/// </summary>
public sealed class WitnessSender(
    Database database, LogReader reader, WitnessList witnesses, WitnessClient client, WitnessMetrics metrics, IdSource ids, IOptions<ArchiveOptions> options, TimeProvider clock,
    ILogger<WitnessSender> logger)
    : BackgroundService, IHealthCheck
{
    private const long LockKey = 0x0A6C_7769;

    // The longest pause between two attempts, in intervals: a minute by default.
    private const int LongestPause = 60;

    // Once for what the witness says it knows, once for a checkpoint that another replica sent meanwhile.
    private const int MaxExchanges = 4;

    private TimeSpan Interval => TimeSpan.FromMilliseconds(options.Value.WitnessIntervalMs);

    /// <summary>Degraded, and never worse, while a witness holds something against the log or lags behind: no partner can take the archive out of service.</summary>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var states = await StatesAsync(cancellationToken);
        var patience = TimeSpan.FromSeconds(options.Value.WitnessPatienceSeconds);
        var problems = states
            .Where(witness => witness.State.Alarm is not null || witness.State.UnwitnessedAge > patience)
            .Select(witness => $"{witness.Name}: {witness.State.Alarm ?? "It has not cosigned for too long."}")
            .ToList();
        return problems.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(' ', problems));
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => witnesses.All.Count == 0
        ? Task.CompletedTask
        : new Followers(LockKey, Interval, "Checkpoints are not sent to witnesses").RunAsync(
            database, (fence, held) => [ObserveAsync(held), .. witnesses.All.Select(witness => FollowAsync(witness, fence, held))], () => metrics.Show([]), clock, logger, stoppingToken);

    private async Task ObserveAsync(CancellationToken held)
    {
        while (true)
        {
            metrics.Show(await StatesAsync(held));
            await Task.Delay(Interval, clock, held);
        }
    }

    private async Task FollowAsync(Witness witness, Fence fence, CancellationToken held)
    {
        // A database that was set back may hold a cosignature of all that it has: so the witness is asked once even where nothing is new.
        var isNewsOnly = false;
        for (var failures = 0; ; await Task.Delay(PauseAfter(failures), clock, held))
        {
            try
            {
                var alarm = await SendAsync(witness, isNewsOnly, fence, held);
                isNewsOnly = alarm is null;
                failures = alarm is null ? 0 : await RaiseAsync(witness, alarm, fence, held);
            }
            catch (WitnessFailedException failure)
            {
                failures++;
                logger.LogWarning("Witness {Witness} did not cosign, attempt {Attempt}: {Reason}", witness.Key.Name, failures, failure.Message);
            }
        }
    }

    private TimeSpan PauseAfter(int failures)
        => Interval * (failures == 0 ? 1 : Math.Min(Math.Pow(2, failures), LongestPause) * (0.75 + (RandomNumberGenerator.GetInt32(500) / 1000.0)));

    /// <summary>Sends the newest checkpoint; gives what the witness holds against it, null for nothing.</summary>
    private async Task<Alarm?> SendAsync(Witness witness, bool isNewsOnly, Fence fence, CancellationToken held)
    {
        var (newest, cosigned) = await database.ReadAsync(
            async tx => (await NewestAsync(tx), (await Cosignatures.StatesAsync(tx, [witness.Key.ToString()]))[0].Size), held);
        var old = cosigned;
        for (var exchange = 0; exchange < MaxExchanges; exchange++)
        {
            if (newest is null || newest.Tree.Size == 0 || (isNewsOnly && newest.Tree.Size <= cosigned))
            {
                return null;
            }

            switch (await client.AddCheckpointAsync(witness, old, await ProofAsync(old, newest.Tree.Size, held), newest.Note, held))
            {
                case WitnessAnswer.Cosigned(var lines):
                    await KeepAsync(witness, newest, lines, fence, held);
                    return null;
                case WitnessAnswer.Unproven:
                    return new Alarm(newest, string.Create(CultureInfo.InvariantCulture, $"The log's tree does not extend the one of {old} entries that the witness cosigned."));
                case WitnessAnswer.Knows(var size) when size == newest.Tree.Size && size == old:
                    return new Alarm(newest, string.Create(CultureInfo.InvariantCulture, $"The witness knows another tree of {size} entries."));
                case WitnessAnswer.Knows(var size) when size == old:
                    throw new WitnessFailedException("It names the size that it was asked about.");
                case WitnessAnswer.Knows(var size):
                    // A replica that held the lock before may have sent a later one.
                    newest = await database.ReadAsync(NewestAsync, held);
                    if (size > newest!.Tree.Size)
                    {
                        return new Alarm(newest, string.Create(CultureInfo.InvariantCulture, $"The witness knows a tree of {size} entries; the log has signed none of that size."));
                    }

                    if (size < cosigned)
                    {
                        logger.LogError("Witness {Witness} knows {Size} entries and has cosigned {Cosigned}: it has forgotten what it vouched for.", witness.Key.Name, size, cosigned);
                    }

                    old = size;
                    break;
            }
        }

        throw new WitnessFailedException("It names another size each time.");
    }

    private async Task<SignedCheckpoint?> NewestAsync(Tx tx) => await LogReader.SignedSizeAsync(tx) < 0 ? null : await reader.NewestAsync(tx);

    // Every tree begins with the empty one, and with itself.
    private Task<IReadOnlyList<byte[]>> ProofAsync(long old, long size, CancellationToken held) => old == 0 || old == size
        ? Task.FromResult<IReadOnlyList<byte[]>>([])
        : database.ReadAsync(tx => LogReader.ProofAsync(tx, ProofPlan.Consistency(old, size)), held);

    private Task KeepAsync(Witness witness, SignedCheckpoint checkpoint, string lines, Fence fence, CancellationToken held)
    {
        var line = LineOf(witness.Key, checkpoint.Note, lines) ?? throw new WitnessFailedException("What it sent is not its cosignature of the checkpoint.");
        return database.InTransactionAsync(async tx =>
        {
            await fence.RequireAsync(tx);
            await Cosignatures.AddAsync(tx, checkpoint.Tree.Size, witness.Key, line);
        }, held);
    }

    /// <summary>The witness's own line among those that it sent; null unless it verifies.</summary>
    private static string? LineOf(NoteKey witness, string note, string lines)
    {
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                SignedNote.Open($"{note}{line}\n", witness);
                return $"{line}\n";
            }
            catch (NoteException)
            {
                // Another key's, as it may be, or nobody's.
            }
        }

        return null;
    }

    private async Task<int> RaiseAsync(Witness witness, Alarm alarm, Fence fence, CancellationToken held)
    {
        logger.LogCritical(
            "Witness {Witness} does not know the log that was signed, at {Size} entries: {Reason} The database was set back, or somebody else signs under this key.",
            witness.Key.Name, alarm.Shown.Tree.Size, alarm.Detail);
        await database.InTransactionAsync(async tx =>
        {
            await fence.RequireAsync(tx);
            if (await Cosignatures.AddAlarmAsync(tx, alarm.Shown.Tree.Size, witness.Key, alarm.Detail))
            {
                await Outbox.AddAsync(tx, new LogAlarmRaised(ids.Next(), $"witnessAlarms/{ids.Next()}", 1, clock.Now(), LogAlarmRaised.ByWitness));
            }
        }, held);
        return LongestPause; // Asked again as seldom as one that is away for long, and as loudly.
    }

    private async Task<IReadOnlyList<(string Name, WitnessState State)>> StatesAsync(CancellationToken cancellation) => witnesses.All.Count == 0
        ? []
        : [.. witnesses.All.Select(witness => witness.Key.Name).Zip(await database.ReadAsync(tx => Cosignatures.StatesAsync(tx, witnesses.Keys), cancellation))];

    private sealed record Alarm(SignedCheckpoint Shown, string Detail);
}
