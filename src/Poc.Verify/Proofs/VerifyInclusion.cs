using Poc.Kernel.Merkle;

namespace Poc.Verify.Proofs;

/// <summary><c>poc-verify inclusion</c>: that a leaf is at its index of a tree (RFC 6962, 2.1.1; RFC 9162, 2.1.3.2).</summary>
internal static class VerifyInclusion
{
    public static readonly string[][] Members =
    [
        ["leaf_hash", "leafHash"],
        ["index", "leaf_index", "leafIndex", "leafIdx", "log_index", "logIndex"],
        ["size", "tree_size", "treeSize"],
        ["root", "root_hash", "rootHash"],
        ["proof", "path", "hashes", "audit_path", "inclusion_path"],
    ];

    public static async Task RunAsync(string file, Report report, CancellationToken cancellation)
    {
        var proof = await ProofFile.ReadAsync(file, Members, cancellation);
        var size = proof.Number("size", Reason.SizeOutOfRange);
        var index = proof.Number("index", Reason.IndexOutOfRange);
        if (index >= size)
        {
            throw new RefusedException(Reason.IndexOutOfRange, file, $"a tree of {size} has no leaf {index}");
        }

        var leaf = proof.Hash("leaf_hash");
        var root = proof.Hash("root");
        var path = proof.Hashes("proof");
        var length = ProofPlan.Inclusion(index, size).Length;
        if (path.Count != length)
        {
            throw new RefusedException(Reason.ProofLength, file, $"it has {path.Count} hashes, leaf {index} of {size} needs {length}");
        }

        if (!ProofVerifier.Inclusion(leaf, index, size, path, root))
        {
            throw new RefusedException(Reason.RootMismatch, file, "leaf and proof do not lead to the root");
        }

        report.Checked($"leaf {index} is in the tree of {size} with root {Convert.ToHexStringLower(root)}");
    }
}
