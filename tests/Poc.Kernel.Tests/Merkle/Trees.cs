using System.Text;
using Poc.Kernel.Merkle;

namespace Poc.Kernel.Tests.Merkle;

/// <summary>Trees to prove things about.</summary>
internal static class Trees
{
    /// <summary>The eight entries over which other implementations of RFC 6962 publish their roots.</summary>
    public static readonly byte[][] KnownEntries =
    [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
        Convert.FromHexString("5051525354555657"), Convert.FromHexString("606162636465666768696a6b6c6d6e6f"),
    ];

    /// <summary>Leaf hashes of that many entries, each different.</summary>
    public static byte[][] Leaves(int size)
        => [.. Enumerable.Range(0, size).Select(i => MerkleTree.HashLeaf(Encoding.ASCII.GetBytes($"entry {i}")))];

    /// <summary>Every perfect subtree of a tree, as appending completes them.</summary>
    public static Dictionary<NodeId, byte[]> Nodes(byte[][] leaves)
    {
        var range = new CompactRange();
        return leaves.SelectMany(range.Append).ToDictionary(completed => completed.Node, completed => completed.Hash);
    }
}
