using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>
/// Grows the tree over what was appended and signs it: first the tree head is committed, which the database lets extend its predecessor only once, then that
/// head and nothing else is signed. So a crash at any moment, or two replicas that both believe to be the only one, never lead to two trees with one history.
/// </summary>
public sealed class Integrator(
    Database database, LogReader reader, LogKey key, KeyHistory keys, IOptions<ArchiveOptions> options, TimeProvider clock, ILogger<Integrator> logger)
    : BackgroundService, IHealthCheck
{
    // Any number, as long as nothing else in this database takes the same.
    internal const long LockKey = 0x0A6C_6F67;

    // Bounds memory and the length of a transaction; a backlog takes several heads.
    private const int MaxBatch = 5_000;
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(5);

    private const string IsBegunSql = "SELECT EXISTS (SELECT 1 FROM log_tree_heads)";
    private const string AddIdentitySql = "INSERT INTO log_identity (origin, verifier_key) VALUES ($1, $2)";
    private const string LastHeadSql = "SELECT size, root_hash FROM log_tree_heads ORDER BY size DESC LIMIT 1";
    private const string AddHeadSql = "INSERT INTO log_tree_heads (size, root_hash, previous_size, fence) VALUES ($1, $2, $3, $4)";
    private const string EntriesSql = "SELECT body FROM log_entries WHERE index >= $1 AND index < $2 ORDER BY index";
    private const string SizeSql = "SELECT size FROM log_head";
    private const string AddNodesSql = "INSERT INTO log_nodes (level, index, hash) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])";
    private const string LastCheckpointSql = "SELECT note FROM log_checkpoints ORDER BY size DESC LIMIT 1";
    private const string AddCheckpointSql = "INSERT INTO log_checkpoints (size, note) VALUES ($1, $2)";

    private volatile string? _refusal;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(_refusal is { } reason ? HealthCheckResult.Unhealthy(reason) : HealthCheckResult.Healthy());

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
                // Never sign over a doubt: stay unhealthy, and look again whether somebody mended it.
                logger.LogCritical(problem, "The log is not signed: {Reason}", problem.Message);
                _refusal = "The log is not signed; see the service's own log.";
                await Task.Delay(AfterRefusal, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunAsync(Fence fence, CancellationToken held)
    {
        await BeginAsync(fence, held);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.CheckpointIntervalMs), clock);
        do
        {
            while (await IntegrateAsync(fence, held))
            {
            }

            await SignAsync(fence, held);
            _refusal = null;
        }
        while (await tick.WaitForNextTickAsync(held));
    }

    /// <summary>Commits the next tree head. False when nothing was appended since the last one.</summary>
    private Task<bool> IntegrateAsync(Fence fence, CancellationToken cancellation) => database.InTransactionAsync(async tx =>
    {
        await fence.RequireAsync(tx);
        var last = await LastHeadAsync(tx);
        var size = Math.Min(await tx.ScalarAsync<long>(SizeSql), last.Size + MaxBatch);
        if (size == last.Size)
        {
            return false;
        }

        var range = await ResumeAsync(tx, last);
        var entries = await tx.QueryAsync(EntriesSql, row => row.GetFieldValue<byte[]>(0), last.Size, size);
        var nodes = entries.SelectMany(entry => range.Append(MerkleTree.HashLeaf(entry))).ToList();
        if (range.Size != size)
        {
            throw new LogInconsistentException($"Entries are missing between {last.Size} and {size}.");
        }

        await tx.ExecuteAsync(
            AddNodesSql,
            nodes.ConvertAll(node => (short)node.Node.Level).ToArray(),
            nodes.ConvertAll(node => node.Node.Index).ToArray(),
            nodes.ConvertAll(node => node.Hash).ToArray());
        await tx.ExecuteAsync(AddHeadSql, size, range.Root(), last.Size, fence.Number);
        return true;
    }, cancellation);

    /// <summary>The empty tree, from which all others grow, and whose log it is; and the change of its key, where one is to be declared.</summary>
    private Task BeginAsync(Fence fence, CancellationToken cancellation) => database.InTransactionAsync(async tx =>
    {
        await fence.RequireAsync(tx);
        if (!await tx.ScalarAsync<bool>(IsBegunSql))
        {
            await tx.ExecuteAsync(AddIdentitySql, key.Verifier.Name, key.Verifier.ToString());
            await tx.ExecuteAsync(AddHeadSql, 0L, MerkleTree.EmptyRoot, null, fence.Number);
        }

        await keys.DeclareAsync(tx);
    }, cancellation);

    private static async Task<TreeHead> LastHeadAsync(Tx tx)
        => await tx.QuerySingleOrDefaultAsync(LastHeadSql, row => new TreeHead(row.GetInt64(0), row.GetFieldValue<byte[]>(1)))
            ?? throw new LogInconsistentException("There is no tree head.");

    private static async Task<CompactRange> ResumeAsync(Tx tx, TreeHead last)
    {
        var wanted = CompactRange.NodesOf(last.Size);
        var hashes = await LogReader.NodesAsync(tx, wanted);
        if (hashes.Count != wanted.Count)
        {
            throw new LogInconsistentException($"Nodes of the tree of {last.Size} entries are missing.");
        }

        var range = new CompactRange(last.Size, [.. wanted.Select(node => hashes[node])]);
        return range.Root().AsSpan().SequenceEqual(last.RootHash)
            ? range
            : throw new LogInconsistentException($"The nodes stored are not those of the tree of {last.Size} entries.");
    }

    /// <summary>Signs the newest tree head, unless it is signed, after proving that it extends what was signed before.</summary>
    private Task SignAsync(Fence fence, CancellationToken cancellation) => database.InTransactionAsync(async tx =>
    {
        await fence.RequireAsync(tx);
        await keys.RequireAsync(tx);
        var head = await LastHeadAsync(tx);
        if (await tx.QuerySingleOrDefaultAsync(LastCheckpointSql, row => row.GetString(0)) is not null)
        {
            var signed = (await reader.NewestAsync(tx)).Tree;
            if (signed.Size == head.Size && signed.RootHash.AsSpan().SequenceEqual(head.RootHash))
            {
                return;
            }

            await RequireExtensionAsync(tx, signed, head);
        }

        await tx.ExecuteAsync(AddCheckpointSql, head.Size, key.Sign(new Checkpoint(key.Verifier.Name, head.Size, head.RootHash).ToString()));
    }, cancellation);

    private static async Task RequireExtensionAsync(Tx tx, Checkpoint signed, TreeHead head)
    {
        // Every tree begins with the empty one.
        var extends = signed.Size == 0
            ? head.Size > 0
            : signed.Size < head.Size && ProofVerifier.Consistency(
                signed.Size, head.Size, await LogReader.ProofAsync(tx, ProofPlan.Consistency(signed.Size, head.Size)), signed.RootHash, head.RootHash);
        if (!extends)
        {
            throw new LogInconsistentException($"The tree of {head.Size} entries does not extend the signed tree of {signed.Size}.");
        }
    }

    private sealed record TreeHead(long Size, byte[] RootHash);
}
