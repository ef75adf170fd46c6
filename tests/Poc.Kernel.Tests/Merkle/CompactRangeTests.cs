using CsCheck;
using Poc.Kernel.Merkle;

namespace Poc.Kernel.Tests.Merkle;

public sealed class CompactRangeTests
{
    [Fact]
    public void Grows_to_the_root_of_the_definition()
        => Gen.Int[0, 600].Sample(size =>
        {
            var leaves = Trees.Leaves(size);
            var range = new CompactRange();
            foreach (var leaf in leaves)
            {
                range.Append(leaf);
            }

            Assert.Equal(size, range.Size);
            Assert.Equal(MerkleTree.Root(leaves), range.Root());
        }, iter: 100);

    [Fact]
    public void Goes_on_from_stored_nodes_as_if_it_had_never_stopped()
        => Gen.Int[0, 300].SelectMany(size => Gen.Int[0, size].Select(stop => (size, stop))).Sample(sample =>
        {
            var leaves = Trees.Leaves(sample.size);
            var stored = Trees.Nodes(leaves[..sample.stop]);
            var range = new CompactRange(sample.stop, [.. CompactRange.NodesOf(sample.stop).Select(node => stored[node])]);
            foreach (var leaf in leaves[sample.stop..])
            {
                range.Append(leaf);
            }

            Assert.Equal(MerkleTree.Root(leaves), range.Root());
        }, iter: 100);

    [Fact]
    public void Tells_of_every_perfect_subtree_once_with_its_hash()
    {
        var leaves = Trees.Leaves(100);
        var nodes = Trees.Nodes(leaves);
        var expected = Enumerable.Range(0, 7).SelectMany(level => Enumerable.Range(0, 100 >> level).Select(index => new NodeId(level, index))).ToHashSet();
        Assert.Equal(expected, nodes.Keys.ToHashSet());
        Assert.All(nodes, node =>
        {
            var (start, width) = ((int)node.Key.Index << node.Key.Level, 1 << node.Key.Level);
            Assert.Equal(MerkleTree.Root(leaves.AsSpan(start, width)), node.Value);
        });
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(0, 1)]
    public void Refuses_hashes_that_do_not_make_up_its_size(long size, int hashes)
        => Assert.Throws<ArgumentException>(() => new CompactRange(size, [.. Enumerable.Range(0, hashes).Select(_ => new byte[32])]));
}
