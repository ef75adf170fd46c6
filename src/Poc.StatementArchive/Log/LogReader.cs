using Microsoft.Extensions.Options;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>A checkpoint as it was signed, opened with the log's own keys.</summary>
/// <param name="Tree">What it says.</param>
/// <param name="Note">The signed note.</param>
public sealed record SignedCheckpoint(Checkpoint Tree, string Note);

/// <summary>Reads checkpoints and the nodes that proofs are made of.</summary>
public sealed class LogReader(Database database, LogKey key, IOptions<ArchiveOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private const string NewestSql = "SELECT note FROM log_checkpoints ORDER BY size DESC LIMIT 1";

    private const string AtSql = "SELECT note FROM log_checkpoints WHERE size = $1";

    private const string NewestSizeSql = "SELECT coalesce(max(size), -1) FROM log_checkpoints";

    private const string SizeSql = "SELECT size FROM log_head";

    private const string NodesSql = """
        SELECT n.level, n.index, n.hash FROM unnest($1::smallint[], $2::bigint[]) AS wanted (level, index) JOIN log_nodes n USING (level, index)
        """;

    /// <summary>The newest checkpoint.</summary>
    /// <exception cref="Poc.Grpc.RpcError">UNAVAILABLE CHECKPOINT_PENDING: nothing was signed yet.</exception>
    public async Task<SignedCheckpoint> NewestAsync(Tx tx)
        => Open(await tx.QuerySingleOrDefaultAsync(NewestSql, row => row.GetString(0)) ?? throw ArchiveErrors.CheckpointPending());

    /// <summary>The checkpoint that was signed over the tree of that size; null when there was none.</summary>
    public async Task<SignedCheckpoint?> AtAsync(Tx tx, long size)
        => await tx.QuerySingleOrDefaultAsync(AtSql, row => row.GetString(0), size) is { } note ? Open(note) : null;

    /// <summary>Size of the newest checkpoint; -1 where nothing was signed yet.</summary>
    public static Task<long> SignedSizeAsync(Tx tx) => tx.ScalarAsync<long>(NewestSizeSql);

    /// <summary>A proof from the stored nodes, in one read.</summary>
    /// <exception cref="LogInconsistentException">Nodes are missing.</exception>
    public static async Task<IReadOnlyList<byte[]>> ProofAsync(Tx tx, ProofPlan plan)
    {
        var hashes = await NodesAsync(tx, plan.Nodes);
        return plan.Assemble(node => hashes.TryGetValue(node, out var hash)
            ? hash
            : throw new LogInconsistentException($"Node {node.Index} of level {node.Level} is missing."));
    }

    /// <summary>Stored nodes by their place; those that are missing are left out.</summary>
    public static async Task<IReadOnlyDictionary<NodeId, byte[]>> NodesAsync(Tx tx, IReadOnlyCollection<NodeId> nodes)
    {
        var found = await tx.QueryAsync(
            NodesSql,
            row => (new NodeId(row.GetInt16(0), row.GetInt64(1)), row.GetFieldValue<byte[]>(2)),
            nodes.Select(node => (short)node.Level).ToArray(), nodes.Select(node => node.Index).ToArray());
        return found.ToDictionary(node => node.Item1, node => node.Item2);
    }

    /// <summary>
    /// Waits, no longer than <see cref="ArchiveOptions.ProofPatienceMs"/>, until a checkpoint covers the entry, so that whoever has just recorded something
    /// can prove it.
    /// </summary>
    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND LOG_ENTRY_NOT_FOUND: there is no such entry. UNAVAILABLE CHECKPOINT_PENDING: it took too long.</exception>
    public async Task CoveredAsync(long index, CancellationToken cancellation)
    {
        var begin = clock.GetTimestamp();
        while (await database.ReadAsync(SignedSizeAsync, cancellation) <= index)
        {
            if (index < 0 || index >= await database.ReadAsync(tx => tx.ScalarAsync<long>(SizeSql), cancellation))
            {
                throw ArchiveErrors.LogEntryNotFound(index);
            }

            if (clock.GetElapsedTime(begin).TotalMilliseconds >= options.Value.ProofPatienceMs)
            {
                throw ArchiveErrors.CheckpointPending();
            }

            await Task.Delay(Pause, clock, cancellation);
        }
    }

    private SignedCheckpoint Open(string note)
    {
        try
        {
            return new SignedCheckpoint(Checkpoint.Open(note, key.Trusted), note);
        }
        catch (FormatException problem)
        {
            throw new LogInconsistentException("A stored checkpoint is not signed by a configured key.", problem);
        }
    }
}

/// <summary>The stored log contradicts itself. Nothing is signed over it; somebody must look.</summary>
public sealed class LogInconsistentException(string message, Exception? cause = null) : Exception(message, cause);
