using Microsoft.Extensions.Options;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>
/// Stores submissions in groups, each as one statement. A second writer made the groups smaller and gained nothing on two cores. Transient errors are retried as a whole,
/// which is safe because a row that did get stored is found again by its request id: what a caller gets is the row that is on disk for it, its own or that of the filing it repeats.
/// </summary>
internal sealed class GroupCommit(WriterConnection connection, IOptions<IntakeOptions> options, IntakeMetrics metrics, ILogger<GroupCommit> logger)
    : GroupWriter<Filing, RequestRow>(MaxGroup, long.MaxValue, options.Value.MaxWaiting, logger)
{
    /// <summary>Most submissions in one commit: beyond it a statement grows slower than it gains, and a retry loses more.</summary>
    public const int MaxGroup = 128;

    private long _stored;
    private long _groups;

    /// <summary>Submissions that this replica stored since it started, and in how many groups: large ones say that callers wait for one another.</summary>
    public (long Stored, long Groups) Counts => (Volatile.Read(ref _stored), Volatile.Read(ref _groups));

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<RequestRow>> StoreAsync(IReadOnlyList<Filing> group)
    {
        // Not the callers' cancellation: one who leaves must not take the group along.
        var rows = await connection.Database.RepeatAsync(tx => RequestStore.StoreAsync(tx, group), CancellationToken.None);
        metrics.Stored(group.Count);
        Interlocked.Add(ref _stored, group.Count);
        Interlocked.Increment(ref _groups);
        return rows;
    }

    /// <inheritdoc/>
    protected override Exception TooManyWait() => IntakeErrors.Overloaded();
}
