using Google.Protobuf;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel.Merkle;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>Proves that a newer tree only added to an older one.</summary>
public sealed class GetConsistencyProof(Database database, LogReader reader)
{
    /// <summary>The proof between any two sizes up to that of the newest checkpoint.</summary>
    public Task<GetConsistencyProofResponse> HandleAsync(GetConsistencyProofRequest request, CancellationToken cancellation)
    {
        new Violations()
            .Require(request.FirstTreeSize >= 1, "first_tree_size", "must be at least 1: every tree begins with the empty one")
            .Require(
                request.SecondTreeSize == 0 || request.SecondTreeSize >= request.FirstTreeSize,
                "second_tree_size", "must be 0 or not below first_tree_size")
            .ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var newest = await reader.NewestAsync(tx);
            var second = request.SecondTreeSize == 0 ? newest.Tree.Size : request.SecondTreeSize;
            if (second > newest.Tree.Size || request.FirstTreeSize > second)
            {
                throw ArchiveErrors.TreeSizeUnknown(Math.Max(second, request.FirstTreeSize), newest.Tree.Size);
            }

            var path = await LogReader.ProofAsync(tx, ProofPlan.Consistency(request.FirstTreeSize, second));
            return new GetConsistencyProofResponse
            {
                Path = { path.Select(hash => ByteString.CopyFrom(hash)) },
                SecondTreeSize = second,
                Checkpoint = second == newest.Tree.Size ? newest.Note : "",
            };
        }, cancellation);
    }
}
