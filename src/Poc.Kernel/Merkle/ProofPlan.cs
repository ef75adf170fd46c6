namespace Poc.Kernel.Merkle;

/// <summary>
/// Which stored nodes a proof is made of, worked out from sizes alone. Read <see cref="Nodes"/> (at most 2·log₂ n) in one query, then
/// <see cref="Assemble"/>: a proof never reads the tree.
/// </summary>
public sealed class ProofPlan
{
    // Each element of a proof is the root over a range of leaves; all but at most one of them are perfect subtrees.
    private readonly IReadOnlyList<IReadOnlyList<NodeId>> _elements;

    private ProofPlan(List<(long Start, long End)> ranges)
        => _elements = [.. ranges.Select(range => CompactRange.NodesOf(range.Start, range.End))];

    /// <summary>The nodes to read, each once.</summary>
    public IReadOnlyCollection<NodeId> Nodes => [.. _elements.SelectMany(element => element)];

    /// <summary>How many hashes the proof has: a proof of any other length proves nothing.</summary>
    public int Length => _elements.Count;

    /// <summary>The audit path of the leaf at <paramref name="index"/> in the tree of <paramref name="size"/> entries: PATH of RFC 6962, 2.1.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    public static ProofPlan Inclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<(long, long)>();
        Path(0, size);
        return new ProofPlan(path);

        void Path(long start, long end)
        {
            if (end - start == 1)
            {
                return;
            }

            var middle = start + MerkleTree.Split(end - start);
            if (index < middle)
            {
                Path(start, middle);
                path.Add((middle, end));
            }
            else
            {
                Path(middle, end);
                path.Add((start, middle));
            }
        }
    }

    /// <summary>The proof that the tree of <paramref name="second"/> entries begins with that of <paramref name="first"/>: PROOF of RFC 6962, 2.1.2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="first"/> is not from 1 to <paramref name="second"/>: from an empty tree there is nothing to prove.
    /// </exception>
    public static ProofPlan Consistency(long first, long second)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        var proof = new List<(long, long)>();
        SubProof(0, second, isWholeFirstTree: true);
        return new ProofPlan(proof);

        void SubProof(long start, long end, bool isWholeFirstTree)
        {
            if (first == end)
            {
                // The verifier knows the root of the whole first tree; any smaller part of it must be given.
                if (!isWholeFirstTree)
                {
                    proof.Add((start, end));
                }

                return;
            }

            var middle = start + MerkleTree.Split(end - start);
            if (first <= middle)
            {
                SubProof(start, middle, isWholeFirstTree);
                proof.Add((middle, end));
            }
            else
            {
                SubProof(middle, end, isWholeFirstTree: false);
                proof.Add((start, middle));
            }
        }
    }

    /// <summary>The proof, from the hashes of <see cref="Nodes"/>.</summary>
    public IReadOnlyList<byte[]> Assemble(Func<NodeId, byte[]> hashOf)
        => [.. _elements.Select(element => CompactRange.Fold([.. element.Select(hashOf)]))];
}
