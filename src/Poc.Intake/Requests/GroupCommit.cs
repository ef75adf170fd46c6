using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>
/// Stores submissions in groups: one writer takes whatever waits, at most <see cref="MaxGroup"/>, and commits it as one statement. There is no timer: a lone
/// submission is a group of one and goes at once, and under load the next group gathers while the last one is being flushed. A second writer made
/// the groups smaller and gained nothing on two cores.
/// </summary>
/// <remarks>
/// A submission is answered after its group is committed, never before. Transient errors are retried as a whole, which is safe because a row that did
/// get stored is found again by its request id. A row that the database refuses does not take its neighbours with it: the group is then stored one by one.
/// </remarks>
internal sealed class GroupCommit(WriterConnection connection, IOptions<IntakeOptions> options, IntakeMetrics metrics, ILogger<GroupCommit> logger) : BackgroundService
{
    /// <summary>Most submissions in one commit: beyond it a statement grows slower than it gains, and a retry loses more.</summary>
    public const int MaxGroup = 128;

    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(options.Value.MaxWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private long _stored;
    private long _groups;

    /// <summary>Submissions that this replica stored since it started, and in how many groups: large ones say that callers wait for one another.</summary>
    public (long Stored, long Groups) Counts => (Volatile.Read(ref _stored), Volatile.Read(ref _groups));

    /// <summary>The row that is on disk for the filing's request id: its own, or that of the filing it repeats.</summary>
    /// <exception cref="RpcError">UNAVAILABLE (OVERLOADED): too many wait.</exception>
    /// <exception cref="OperationCanceledException">The caller left; the filing may be stored all the same.</exception>
    public Task<RequestRow> StoreAsync(Filing filing, CancellationToken cancellation)
    {
        var waiting = new Waiting(filing, new TaskCompletionSource<RequestRow>(TaskCreationOptions.RunContinuationsAsynchronously));
        return _queue.Writer.TryWrite(waiting) ? waiting.Outcome.Task.WaitAsync(cancellation) : throw IntakeErrors.Overloaded();
    }

    /// <summary>Stops after what waits is stored: the server, which stops first, still has callers for it.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        return ExecuteTask?.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(WriteAsync, CancellationToken.None);

    private async Task WriteAsync()
    {
        var group = new List<Waiting>(MaxGroup);
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < MaxGroup && _queue.Reader.TryRead(out var waiting))
            {
                group.Add(waiting);
            }

            if (group.Count > 0)
            {
                await StoreAsync(group);
            }
        }
    }

    private async Task StoreAsync(IReadOnlyList<Waiting> group)
    {
        try
        {
            // Not the callers' cancellation: one who leaves must not take the group along.
            var filings = group.Select(static waiting => waiting.Filing).ToArray();
            var rows = await connection.Database.RepeatAsync(tx => RequestStore.StoreAsync(tx, filings), CancellationToken.None);
            metrics.Stored(group.Count);
            Interlocked.Add(ref _stored, group.Count);
            Interlocked.Increment(ref _groups);
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Outcome.TrySetResult(rows[i]);
            }
        }
        catch (PostgresException problem) when (group.Count > 1 && !Transience.IsTransient(problem))
        {
            logger.LogWarning(problem, "A group of {Count} submissions was refused ({SqlState}); storing them one by one", group.Count, problem.SqlState);
            foreach (var waiting in group)
            {
                await StoreAsync([waiting]);
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

    private sealed record Waiting(Filing Filing, TaskCompletionSource<RequestRow> Outcome);
}
