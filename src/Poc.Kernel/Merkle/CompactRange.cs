using System.Numerics;

namespace Poc.Kernel.Merkle;

/// <summary>
/// What must be remembered of a tree to append to it: the roots of the perfect subtrees it consists of, one for each bit set in its size. Appending costs
/// one leaf and, amortised, one node.
/// </summary>
public sealed class CompactRange
{
    private readonly List<byte[]> _hashes;

    /// <summary>The tree without entries.</summary>
    public CompactRange()
        : this(0, [])
    {
    }

    /// <summary>A tree of <paramref name="size"/> entries, from the hashes of <see cref="NodesOf"/> in that order.</summary>
    /// <exception cref="ArgumentException">Their number or length is not what that size needs.</exception>
    public CompactRange(long size, IReadOnlyList<byte[]> hashes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (hashes.Count != BitOperations.PopCount((ulong)size) || hashes.Any(hash => hash.Length != MerkleTree.HashSize))
        {
            throw new ArgumentException($"A tree of {size} entries consists of {BitOperations.PopCount((ulong)size)} perfect subtrees.", nameof(hashes));
        }

        Size = size;
        _hashes = [.. hashes];
    }

    /// <summary>Number of entries.</summary>
    public long Size { get; private set; }

    /// <summary>The perfect subtrees that a tree of <paramref name="size"/> entries consists of, left to right, largest first.</summary>
    public static IReadOnlyList<NodeId> NodesOf(long size) => NodesOf(0, size);

    /// <summary>Appends an entry by its leaf hash and tells of every perfect subtree that this completes, the leaf itself first.</summary>
    /// <returns>The completed nodes with their hashes: level 0 and every level above it that became full.</returns>
    public IReadOnlyList<(NodeId Node, byte[] Hash)> Append(byte[] leafHash)
    {
        if (leafHash.Length != MerkleTree.HashSize)
        {
            throw new ArgumentException($"A leaf hash has {MerkleTree.HashSize} bytes.", nameof(leafHash));
        }

        var completed = new List<(NodeId, byte[])> { (new NodeId(0, Size), leafHash) };
        var hash = leafHash;
        for (var level = 0; ((Size >> level) & 1) == 1; level++)
        {
            hash = MerkleTree.HashNode(_hashes[^1], hash);
            _hashes.RemoveAt(_hashes.Count - 1);
            completed.Add((new NodeId(level + 1, Size >> (level + 1)), hash));
        }

        _hashes.Add(hash);
        Size++;
        return completed;
    }

    /// <summary>Root hash of the tree as it stands.</summary>
    public byte[] Root() => _hashes.Count == 0 ? MerkleTree.EmptyRoot : Fold(_hashes);

    // A range that starts at a multiple of every power of two it spans, as all ranges of RFC 6962 do.
    internal static IReadOnlyList<NodeId> NodesOf(long start, long end)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, end);
        var nodes = new List<NodeId>();
        while (start < end)
        {
            var level = BitOperations.Log2((ulong)(end - start));
            nodes.Add(new NodeId(level, start >> level));
            start += 1L << level;
        }

        return nodes;
    }

    internal static byte[] Fold(IReadOnlyList<byte[]> hashes)
    {
        var root = hashes[^1];
        for (var i = hashes.Count - 2; i >= 0; i--)
        {
            root = MerkleTree.HashNode(hashes[i], root);
        }

        return root;
    }
}
