using Poc.Kernel.Merkle;

namespace Poc.Verify.Proofs;

/// <summary><c>poc-verify consistency</c>: that a tree begins with an older one (RFC 6962, 2.1.2; RFC 9162, 2.1.4.2).</summary>
internal static class VerifyConsistency
{
    public static readonly string[][] Members =
    [
        ["first_size", "size1", "first", "old_size", "from_size"],
        ["second_size", "size2", "second", "new_size", "to_size"],
        ["first_root", "root1", "first_hash", "old_root", "first_root_hash"],
        ["second_root", "root2", "second_hash", "new_root", "second_root_hash"],
        ["proof", "path", "hashes", "consistency_path"],
    ];

    public static async Task RunAsync(string file, Report report, CancellationToken cancellation)
    {
        var proof = await ProofFile.ReadAsync(file, Members, cancellation);
        var first = proof.Number("first_size", Reason.SizeOutOfRange);
        var second = proof.Number("second_size", Reason.SizeOutOfRange);
        if (first < 1 || first > second)
        {
            // Every tree begins with the empty one: to accept that would prove nothing and look like a proof.
            throw new RefusedException(Reason.SizeOutOfRange, file, $"nothing can be proven from size {first} to {second}");
        }

        var firstRoot = proof.Hash("first_root");
        var secondRoot = proof.Hash("second_root");
        var path = proof.Hashes("proof");
        var length = ProofPlan.Consistency(first, second).Length;
        if (path.Count != length)
        {
            throw new RefusedException(Reason.ProofLength, file, $"it has {path.Count} hashes, {first} to {second} needs {length}");
        }

        if (!ProofVerifier.Consistency(first, second, path, firstRoot, secondRoot))
        {
            throw new RefusedException(Reason.RootMismatch, file, "the proof does not lead to both roots");
        }

        report.Checked($"the tree of {second} begins with the tree of {first}");
    }
}
