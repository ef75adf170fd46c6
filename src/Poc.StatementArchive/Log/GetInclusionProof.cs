using Google.Protobuf;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel.Merkle;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>Proves that an entry is in the log.</summary>
public sealed class GetInclusionProof(Database database, LogReader reader)
{
    private const string EntrySql = "SELECT body FROM log_entries WHERE index = $1";

    /// <summary>The audit path and the checkpoint it leads to; waits briefly for the checkpoint that covers a new entry.</summary>
    public async Task<GetInclusionProofResponse> HandleAsync(GetInclusionProofRequest request, CancellationToken cancellation)
    {
        new Violations()
            .Require(request.LogIndex >= 0, "log_index", "must not be negative")
            .Require(request.TreeSize >= 0, "tree_size", "must not be negative")
            .ThrowIfAny();
        await reader.CoveredAsync(request.LogIndex, cancellation);
        return await database.ReadAsync(async tx =>
        {
            var newest = await reader.NewestAsync(tx);
            var checkpoint = request.TreeSize == 0 ? newest : await reader.AtAsync(tx, request.TreeSize);
            if (checkpoint is null || checkpoint.Tree.Size <= request.LogIndex)
            {
                throw ArchiveErrors.TreeSizeUnknown(request.TreeSize, newest.Tree.Size);
            }

            var body = await tx.ScalarAsync<byte[]>(EntrySql, request.LogIndex);
            return new GetInclusionProofResponse { Proof = await ProveAsync(tx, request.LogIndex, body, checkpoint) };
        }, cancellation);
    }

    /// <summary>The proof for an entry, by its bytes as they are stored now, in the tree of a checkpoint.</summary>
    internal static async Task<InclusionProof> ProveAsync(Tx tx, long index, byte[] body, SignedCheckpoint checkpoint)
    {
        var path = await LogReader.ProofAsync(tx, ProofPlan.Inclusion(index, checkpoint.Tree.Size));
        return new InclusionProof
        {
            LogIndex = index,
            TreeSize = checkpoint.Tree.Size,
            LeafHash = ByteString.CopyFrom(MerkleTree.HashLeaf(body)),
            Path = { path.Select(hash => ByteString.CopyFrom(hash)) },
            RootHash = ByteString.CopyFrom(checkpoint.Tree.RootHash),
            Checkpoint = checkpoint.Note,
        };
    }
}
