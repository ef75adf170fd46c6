namespace Poc.Kernel.Merkle;

/// <summary>
/// Checks proofs without trusting who made them; the algorithms are those of RFC 9162, sections 2.1.3.2 and 2.1.4.2, which spell out RFC 6962.
/// Whatever is malformed is simply not proven.
/// </summary>
public static class ProofVerifier
{
    /// <summary>Whether <paramref name="path"/> proves the leaf to be at <paramref name="index"/> of the tree with that size and root.</summary>
    public static bool Inclusion(ReadOnlySpan<byte> leafHash, long index, long size, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size || !AreHashes(path) || leafHash.Length != MerkleTree.HashSize)
        {
            return false;
        }

        var node = index;
        var last = size - 1;
        var hash = leafHash.ToArray();
        foreach (var sibling in path)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = MerkleTree.HashNode(sibling, hash);
                Ascend(ref node, ref last, whileEven: true);
            }
            else
            {
                hash = MerkleTree.HashNode(hash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>
    /// Whether <paramref name="path"/> proves that the tree of <paramref name="second"/> entries begins with that of <paramref name="first"/>. From size 0
    /// nothing can be proven: every tree begins with the empty one, so a yes would mean nothing, and the answer is no.
    /// </summary>
    public static bool Consistency(long first, long second, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> firstRoot, ReadOnlySpan<byte> secondRoot)
    {
        if (first < 1 || first > second || !AreHashes(path) || firstRoot.Length != MerkleTree.HashSize || secondRoot.Length != MerkleTree.HashSize)
        {
            return false;
        }

        if (first == second)
        {
            return path.Count == 0 && firstRoot.SequenceEqual(secondRoot);
        }

        var node = first - 1;
        var last = second - 1;
        Ascend(ref node, ref last, whileEven: false);

        // A first tree that is perfect is itself the first node of the proof.
        var isPerfect = (first & (first - 1)) == 0;
        if (!isPerfect && path.Count == 0)
        {
            return false;
        }

        var firstHash = isPerfect ? firstRoot.ToArray() : path[0];
        var secondHash = firstHash;
        foreach (var element in path.Skip(isPerfect ? 0 : 1))
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                firstHash = MerkleTree.HashNode(element, firstHash);
                secondHash = MerkleTree.HashNode(element, secondHash);
                Ascend(ref node, ref last, whileEven: true);
            }
            else
            {
                secondHash = MerkleTree.HashNode(secondHash, element);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && firstRoot.SequenceEqual(firstHash) && secondRoot.SequenceEqual(secondHash);
    }

    // Climbs while the node is a left child without a sibling of its own size (whileEven), or while it is a right child (not whileEven).
    private static void Ascend(ref long node, ref long last, bool whileEven)
    {
        while (whileEven ? (node & 1) == 0 && node != 0 : (node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }
    }

    private static bool AreHashes(IReadOnlyList<byte[]> path) => path.All(hash => hash.Length == MerkleTree.HashSize);
}
