using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Poc.Postgres;

/// <summary>
/// Stores things of many callers in groups: one writer takes whatever waits, at most so many, and commits it together. There is no timer: a lone thing is a group of one and
/// goes at once, and under load the next group gathers while the last one is being flushed.
/// </summary>
/// <remarks>
/// A thing is answered after its group is committed, never before. A row that the database refuses does not take its neighbours with it: the group is then stored one by one.
/// </remarks>
/// <typeparam name="TItem">What is stored.</typeparam>
/// <typeparam name="TOutcome">What its caller is answered.</typeparam>
/// <param name="maxGroup">Most things in one commit.</param>
/// <param name="maxWeight">Most of what they weigh together (<see cref="WeightOf"/>); a single one may weigh more.</param>
/// <param name="maxWaiting">Most things that wait; more are refused.</param>
/// <param name="logger">Told when a group was refused.</param>
public abstract class GroupWriter<TItem, TOutcome>(int maxGroup, long maxWeight, int maxWaiting, ILogger logger) : BackgroundService
{
    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(maxWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    /// <summary>What is on disk for a thing, once it is.</summary>
    /// <exception cref="OperationCanceledException">The caller left; the thing may be stored all the same.</exception>
    public Task<TOutcome> StoreAsync(TItem item, CancellationToken cancellation)
    {
        var waiting = new Waiting(item, new TaskCompletionSource<TOutcome>(TaskCreationOptions.RunContinuationsAsynchronously));
        return _queue.Writer.TryWrite(waiting) ? waiting.Outcome.Task.WaitAsync(cancellation) : throw TooManyWait();
    }

    /// <summary>Stops after what waits is stored: the server, which stops first, still has callers for it.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        return ExecuteTask?.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <summary>Stores a group as a whole and gives the outcomes in its order. Called by one thread at a time.</summary>
    protected abstract Task<IReadOnlyList<TOutcome>> StoreAsync(IReadOnlyList<TItem> group);

    /// <summary>What a caller is told when too many wait.</summary>
    protected abstract Exception TooManyWait();

    /// <summary>What a thing counts towards the most that a group weighs; 0 where only their number matters.</summary>
    protected virtual long WeightOf(TItem item) => 0;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(WriteAsync, CancellationToken.None);

    private async Task WriteAsync()
    {
        var group = new List<Waiting>(maxGroup);
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            for (var weight = 0L; group.Count < maxGroup && weight < maxWeight && _queue.Reader.TryRead(out var waiting);)
            {
                group.Add(waiting);
                weight += WeightOf(waiting.Item);
            }

            if (group.Count > 0)
            {
                await StoreGroupAsync(group);
            }
        }
    }

    private async Task StoreGroupAsync(IReadOnlyList<Waiting> group)
    {
        try
        {
            var outcomes = await StoreAsync([.. group.Select(static waiting => waiting.Item)]);
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Outcome.TrySetResult(outcomes[i]);
            }
        }
        catch (PostgresException problem) when (group.Count > 1 && !Transience.IsTransient(problem))
        {
            logger.LogWarning(problem, "A group of {Count} was refused ({SqlState}); storing them one by one", group.Count, problem.SqlState);
            foreach (var waiting in group)
            {
                await StoreGroupAsync([waiting]);
            }
        }
        catch (Exception problem)
        {
            foreach (var waiting in group)
            {
                waiting.Outcome.TrySetException(problem);
            }

            if (Transience.IsTransient(problem))
            {
                FailWaiting(problem);
            }
        }
    }

    // The database does not answer, after all retries: who waits behind this group would only wait longer for the same answer.
    private void FailWaiting(Exception problem)
    {
        while (_queue.Reader.TryRead(out var waiting))
        {
            waiting.Outcome.TrySetException(problem);
        }
    }

    private sealed record Waiting(TItem Item, TaskCompletionSource<TOutcome> Outcome);
}
