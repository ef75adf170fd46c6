using Poc.Kernel.Merkle;

namespace Poc.Kernel.Tests.Merkle;

public sealed class MerkleTreeTests
{
    [Theory]
    [InlineData(0, "e3b0c442", "b855")]
    [InlineData(1, "6e340b9c", "a01d")]
    [InlineData(2, "fac54203", "c125")]
    [InlineData(3, "aeb6bcfe", "6e77")]
    [InlineData(4, "d37ee418", "14b7")]
    [InlineData(5, "4e3bbb1f", "64d4")]
    [InlineData(6, "76e67dad", "87ef")]
    [InlineData(7, "ddb89be4", "4c8c")]
    [InlineData(8, "5dc9da79", "4328")]
    public void Gives_the_published_roots(int size, string begin, string end)
    {
        byte[][] leaves = [.. Trees.KnownEntries[..size].Select(entry => MerkleTree.HashLeaf(entry))];
        var range = new CompactRange();
        foreach (var leaf in leaves)
        {
            range.Append(leaf);
        }

        var root = Convert.ToHexStringLower(MerkleTree.Root(leaves));
        Assert.StartsWith(begin, root, StringComparison.Ordinal);
        Assert.EndsWith(end, root, StringComparison.Ordinal);
        Assert.Equal(root, Convert.ToHexStringLower(range.Root()));
    }

    [Fact]
    public void An_inner_node_is_not_the_leaf_of_its_children()
    {
        var (left, right) = (MerkleTree.HashLeaf([1]), MerkleTree.HashLeaf([2]));
        Assert.NotEqual(MerkleTree.HashLeaf([.. left, .. right]), MerkleTree.HashNode(left, right));
    }

    [Fact]
    public void Refuses_a_child_that_is_not_a_hash()
        => Assert.Throws<ArgumentException>(() => MerkleTree.HashNode(new byte[31], new byte[33]));
}
