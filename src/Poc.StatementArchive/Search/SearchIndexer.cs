using Poc.Postgres;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Search;

/// <summary>
/// Keeps what is searched in step with the log, in one replica, part by part: whatever an entry is about is read anew. So whoever records waits for nothing of it, and it can
/// be made anew from the log at any time.
/// </summary>
public sealed class SearchIndexer(Database database, StoredStatements stored, Opening opening, TimeProvider clock, ILogger<SearchIndexer> logger) : BackgroundService
{
    private const long LockKey = 0x0A6C_7365;
    private const int Batch = 500;

    private const string EntriesSql = "SELECT index, object_id FROM log_entries WHERE index >= $1 ORDER BY index LIMIT $2";

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AfterProblem = TimeSpan.FromSeconds(1);

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
                logger.LogError(problem, "Search does not follow the log, and will go on where it was: {Reason}", problem.Message);
                await Task.Delay(AfterProblem, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunAsync(CancellationToken held)
    {
        using var tick = new PeriodicTimer(Period, clock);
        do
        {
            // What an older version left open is sealed first.
            for (var followed = 0L; opening.IsOpen && await database.InTransactionAsync(FollowAsync, held) is > 0 and var count;)
            {
                followed += count;
                if (followed / Batch % 100 == 0)
                {
                    logger.LogInformation("Search has followed {Count} entries of the log in one go, and goes on", followed);
                }
            }
        }
        while (await tick.WaitForNextTickAsync(held));
    }

    /// <summary>Follows the next entries. How many those were.</summary>
    private async Task<int> FollowAsync(Tx tx)
    {
        // The lock of the row is the fence: who lost the other lock and does not know it yet finds here what was followed meanwhile.
        var (rules, next) = await SearchIndex.LockAsync(tx);
        if (rules != SearchText.Rules)
        {
            logger.LogInformation("What is searched is made anew, by rules {Rules}", SearchText.Rules);
            await SearchIndex.ClearAsync(tx);
            next = 0;
        }

        var entries = await tx.QueryAsync(EntriesSql, static row => (Index: row.GetInt64(0), ObjectId: row.GetGuid(1)), next, Batch);
        if (entries.Count == 0)
        {
            return 0;
        }

        var ids = entries.Select(static entry => entry.ObjectId).Distinct().ToList();
        await SearchIndex.ReplaceAsync(tx, ids, await stored.ReadAsync(tx, ids));
        await SearchIndex.GoOnAsync(tx, entries[^1].Index + 1);
        return entries.Count;
    }
}
