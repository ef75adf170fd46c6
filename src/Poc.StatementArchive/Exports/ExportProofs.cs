using System.Text;
using Microsoft.Extensions.Options;
using Poc.Kernel.Exports;
using Poc.Kernel.Log;
using Poc.Kernel.Merkle;
using Poc.Postgres;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.TimeStamps;
using Poc.StatementArchive.Witnesses;

namespace Poc.StatementArchive.Exports;

/// <summary>An entry of an export.</summary>
/// <param name="Index">Its place in the log.</param>
/// <param name="Body">As it was hashed.</param>
public sealed record ExportedEntry(long Index, byte[] Body)
{
    /// <summary>What it says.</summary>
    public LogEntry Entry { get; } = LogEntry.Parse(Body);
}

/// <summary>Writes the part of an export that is not payload: a checkpoint with its signatures, the entries with their proofs, and time-stamps.</summary>
public sealed class ExportProofs(
    Database database, LogReader reader, WitnessList witnesses, AuthorityList authorities, StampClient stamps, IOptions<ArchiveOptions> options, TimeProvider clock,
    ILogger<ExportProofs> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Writes it, waiting a moment for the checkpoint that covers all entries and for what witnesses and authorities say of it.</summary>
    internal async Task WriteAsync(BagWriter bag, IReadOnlyList<ExportedEntry> entries, CancellationToken cancellation)
    {
        var newest = entries.Max(entry => entry.Index);
        await reader.CoveredAsync(newest, cancellation);
        var checkpoint = await CosignedAsync(newest + 1, cancellation);
        await Task.WhenAll(authorities.All.Select(authority => StampAsync(authority, checkpoint, cancellation)));

        await bag.AddAsync(ExportLayout.Checkpoint, Encoding.UTF8.GetBytes(checkpoint.Note), cancellation);
        var (size, root) = (checkpoint.Tree.Size, checkpoint.Tree.RootHash);
        foreach (var (index, body) in entries)
        {
            var path = await database.ReadAsync(tx => LogReader.ProofAsync(tx, ProofPlan.Inclusion(index, size)), cancellation);
            await bag.AddAsync(ExportLayout.Entry(index), body, cancellation);
            await bag.AddAsync(ExportLayout.Proof(index), ExportLayout.Inclusion(MerkleTree.HashLeaf(body), index, size, path, root), cancellation);
        }

        await WriteStampsAsync(bag, entries, checkpoint, cancellation);
    }

    /// <summary>
    /// A checkpoint of at least that size with all witnesses' lines; with those that came where not all do in time, with none where none did. Whoever gets the export
    /// sees who is missing and judges by a policy of their own.
    /// </summary>
    private async Task<SignedCheckpoint> CosignedAsync(long minSize, CancellationToken cancellation)
    {
        var begin = clock.GetTimestamp();
        while (true)
        {
            var isLate = clock.GetElapsedTime(begin).TotalMilliseconds >= options.Value.ProofPatienceMs;
            var checkpoint = await database.ReadAsync(async tx =>
            {
                var cosigned = witnesses.All.Count == 0 ? null : await Cosignatures.OfMostAsync(tx, minSize, witnesses.Keys);
                return cosigned is var (size, lines, count) && (isLate || count == witnesses.All.Count) && await reader.AtAsync(tx, size) is { } signed
                    ? signed with { Note = signed.Note + lines }
                    : isLate || witnesses.All.Count == 0 ? await reader.NewestAsync(tx) : null;
            }, cancellation);
            if (checkpoint is not null)
            {
                return checkpoint;
            }

            await Task.Delay(Pause, clock, cancellation);
        }
    }

    // An authority that is away leaves the export without its stamp of this checkpoint, which poc-verify says of it; older stamps are there all the same.
    private async Task StampAsync(Authority authority, SignedCheckpoint checkpoint, CancellationToken cancellation)
    {
        try
        {
            await stamps.StampAsync(authority, checkpoint.Tree, cancellation);
        }
        catch (StampFailedException failure)
        {
            logger.LogWarning("Authority {Authority} gave no time-stamp for an export: {Reason}", authority.Name, failure.Message);
        }
    }

    private async Task WriteStampsAsync(BagWriter bag, IReadOnlyList<ExportedEntry> entries, SignedCheckpoint checkpoint, CancellationToken cancellation)
    {
        var (size, root) = (checkpoint.Tree.Size, checkpoint.Tree.RootHash);
        var stored = await database.ReadAsync(tx => StoredStamps.OfEntriesAsync(tx, [.. entries.Select(entry => entry.Index)], size), cancellation);
        foreach (var stamped in stored.GroupBy(stamp => stamp.Size))
        {
            var tree = (await database.ReadAsync(tx => reader.AtAsync(tx, stamped.Key), cancellation))!.Tree;
            await bag.AddAsync(ExportLayout.StampedText(tree.Size), Encoding.UTF8.GetBytes(tree.ToString()), cancellation);
            if (tree.Size < size)
            {
                var path = await database.ReadAsync(tx => LogReader.ProofAsync(tx, ProofPlan.Consistency(tree.Size, size)), cancellation);
                await bag.AddAsync(ExportLayout.StampedConsistency(tree.Size), ExportLayout.Consistency(tree.Size, tree.RootHash, size, root, path), cancellation);
            }

            foreach (var stamp in stamped)
            {
                await bag.AddAsync(ExportLayout.Token(stamp.Size, stamp.Authority), stamp.Token, cancellation);
            }
        }
    }
}
