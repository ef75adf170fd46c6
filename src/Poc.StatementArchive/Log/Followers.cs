using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>Keeps up with the log on behalf of those outside who vouch for it: in one replica at a time, one loop for each of them, so that none waits for another.</summary>
/// <param name="LockKey">Of the advisory lock that the replica holds meanwhile.</param>
/// <param name="Pause">Between two attempts to begin, after a failure that is nobody's outside.</param>
/// <param name="Failure">What does not happen while it fails, for the service's log.</param>
internal sealed record Followers(long LockKey, TimeSpan Pause, string Failure)
{
    /// <summary>Runs until the service stops.</summary>
    /// <param name="database">Where the lock is.</param>
    /// <param name="loops">Begins the loops; none of them ends but by an exception.</param>
    /// <param name="ended">Called when this replica has stopped, whether or not another goes on.</param>
    /// <param name="clock">Measures the pauses.</param>
    /// <param name="logger">Told of failures.</param>
    /// <param name="stopping">The service stops.</param>
    public async Task RunAsync(
        Database database, Func<Fence, CancellationToken, IEnumerable<Task>> loops, Action ended, TimeProvider clock, ILogger logger, CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Advisory.RunWhileHeldAsync(database.Source, LockKey, (fence, held) => RunAllAsync(loops, ended, fence, held), clock, logger, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                logger.LogError(problem, "{Failure}: {Reason}", Failure, problem.Message);
                await Task.Delay(Pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static async Task RunAllAsync(Func<Fence, CancellationToken, IEnumerable<Task>> loops, Action ended, Fence fence, CancellationToken held)
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(held);
        List<Task> runs = [.. loops(fence, together.Token)];
        try
        {
            // None ends but by an exception, and then all do.
            await await Task.WhenAny(runs);
        }
        finally
        {
            await together.CancelAsync();
            await Task.WhenAll(runs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended();
        }
    }
}
