using CsCheck;
using Poc.Kernel.Merkle;

namespace Poc.Kernel.Tests.Merkle;

public sealed class ProofVerifierTests
{
    private static readonly byte[][] _leaves = Trees.Leaves(1_200);
    private static readonly Dictionary<NodeId, byte[]> _nodes = Trees.Nodes(_leaves);
    private static readonly byte[][] _roots = [.. Enumerable.Range(0, 1_201).Select(RootOf)];

    private static readonly Gen<(int Index, int Size)> _entries = Gen.Int[1, 1_200].SelectMany(size => Gen.Int[0, size - 1].Select(index => (index, size)));
    private static readonly Gen<(int First, int Second)> _growths = Gen.Int[1, 1_200].SelectMany(second => Gen.Int[1, second].Select(first => (first, second)));

    [Fact]
    public void Every_entry_of_every_small_tree_is_proven()
    {
        for (var size = 1; size <= 70; size++)
        {
            for (var index = 0; index < size; index++)
            {
                Assert.True(ProofVerifier.Inclusion(_leaves[index], index, size, InclusionPath(index, size), _roots[size]), $"{index} of {size}");
            }
        }
    }

    [Fact]
    public void Every_growth_of_every_small_tree_is_proven()
    {
        for (var second = 1; second <= 70; second++)
        {
            for (var first = 1; first <= second; first++)
            {
                Assert.True(ProofVerifier.Consistency(first, second, ConsistencyPath(first, second), _roots[first], _roots[second]), $"{first} to {second}");
            }
        }
    }

    [Fact]
    public void A_path_is_that_of_the_definition()
        => _entries.Sample(entry => Assert.Equal(DefinedPath(entry.Index, _leaves.AsSpan(0, entry.Size)), InclusionPath(entry.Index, entry.Size)), iter: 60);

    [Fact]
    public void A_proof_reads_no_more_than_two_nodes_a_level()
        => _growths.Sample(growth =>
        {
            var depth = 1 + (int)Math.Ceiling(Math.Log2(growth.Second));
            Assert.InRange(ProofPlan.Inclusion(growth.First - 1, growth.Second).Nodes.Count, 0, 2 * depth);
            Assert.InRange(ProofPlan.Consistency(growth.First, growth.Second).Nodes.Count, 0, 2 * depth);
        });

    [Fact]
    public void Large_sizes_cost_logarithmically()
    {
        Assert.InRange(ProofPlan.Inclusion(123_456_789_012, 1L << 40).Nodes.Count, 40, 40);
        Assert.InRange(ProofPlan.Consistency((1L << 39) + 1, (1L << 40) - 1).Nodes.Count, 1, 82);
    }

    [Fact]
    public void Any_flipped_bit_of_an_inclusion_proof_fails()
        => Gen.Select(_entries, Gen.Int[0, 255]).Sample((entry, bit) =>
        {
            var (index, size) = entry;
            var path = InclusionPath(index, size);
            for (var element = 0; element < path.Count; element++)
            {
                Assert.False(ProofVerifier.Inclusion(_leaves[index], index, size, Flipped(path, element, bit), _roots[size]));
            }

            Assert.False(ProofVerifier.Inclusion(Flip(_leaves[index], bit), index, size, path, _roots[size]));
            Assert.False(ProofVerifier.Inclusion(_leaves[index], index, size, path, Flip(_roots[size], bit)));
        });

    [Fact]
    public void Any_flipped_bit_of_a_consistency_proof_fails()
        => Gen.Select(_growths, Gen.Int[0, 255]).Sample((growth, bit) =>
        {
            var (first, second) = growth;
            var path = ConsistencyPath(first, second);
            for (var element = 0; element < path.Count; element++)
            {
                Assert.False(ProofVerifier.Consistency(first, second, Flipped(path, element, bit), _roots[first], _roots[second]));
            }

            Assert.False(ProofVerifier.Consistency(first, second, path, Flip(_roots[first], bit), _roots[second]));
            Assert.False(ProofVerifier.Consistency(first, second, path, _roots[first], Flip(_roots[second], bit)));
        });

    [Fact]
    public void Every_byte_of_one_proof_counts()
    {
        var inclusion = InclusionPath(700, 1_200);
        var consistency = ConsistencyPath(700, 1_200);
        Assert.All(Enumerable.Range(0, inclusion.Count * 32), at =>
            Assert.False(ProofVerifier.Inclusion(_leaves[700], 700, 1_200, Flipped(inclusion, at / 32, at % 32 * 8), _roots[1_200])));
        Assert.All(Enumerable.Range(0, consistency.Count * 32), at =>
            Assert.False(ProofVerifier.Consistency(700, 1_200, Flipped(consistency, at / 32, at % 32 * 8), _roots[700], _roots[1_200])));
    }

    [Fact]
    public void An_inclusion_proof_holds_for_its_index_alone()
        => Gen.Select(_entries, Gen.Int[-1, 1_201]).Sample((entry, other) =>
            Assert.Equal(other == entry.Index,
                ProofVerifier.Inclusion(_leaves[entry.Index], other, entry.Size, InclusionPath(entry.Index, entry.Size), _roots[entry.Size])));

    [Fact]
    public void An_inclusion_proof_is_of_no_use_for_another_tree()
        => Gen.Select(_entries, Gen.Int[1, 1_200]).Where((entry, other) => other != entry.Size).Sample((entry, other) =>
            Assert.False(ProofVerifier.Inclusion(_leaves[entry.Index], entry.Index, other, InclusionPath(entry.Index, entry.Size), _roots[other])));

    [Fact]
    public void A_consistency_proof_is_of_no_use_for_other_trees()
        => Gen.Select(_growths, _growths).Where((one, other) => one != other).Sample((one, other) =>
            Assert.False(ProofVerifier.Consistency(
                other.First, other.Second, ConsistencyPath(one.First, one.Second), _roots[other.First], _roots[other.Second])));

    [Fact]
    public void A_forked_tree_is_not_consistent()
        => _growths.Where(growth => growth.First < growth.Second).Sample(growth =>
        {
            var forked = _leaves[..growth.Second];
            forked[growth.First - 1] = MerkleTree.HashLeaf([0xFF]);
            var nodes = Trees.Nodes(forked);
            var path = ProofPlan.Consistency(growth.First, growth.Second).Assemble(node => nodes[node]);
            Assert.False(ProofVerifier.Consistency(growth.First, growth.Second, path, _roots[growth.First], MerkleTree.Root(forked)));
        }, iter: 40);

    [Fact]
    public void Nothing_is_consistent_with_an_empty_tree()
    {
        Assert.False(ProofVerifier.Consistency(0, 8, [], MerkleTree.EmptyRoot, _roots[8]));
        Assert.False(ProofVerifier.Consistency(0, 0, [], MerkleTree.EmptyRoot, MerkleTree.EmptyRoot));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProofPlan.Consistency(0, 8));
    }

    [Fact]
    public void A_longer_or_shorter_path_fails()
        => _growths.Where(growth => growth.First < growth.Second).Sample(growth =>
        {
            var (first, second) = growth;
            var path = ConsistencyPath(first, second);
            Assert.False(ProofVerifier.Consistency(first, second, [.. path, path[^1]], _roots[first], _roots[second]));
            Assert.False(ProofVerifier.Consistency(first, second, [.. path.Take(path.Count - 1)], _roots[first], _roots[second]));
            var audit = InclusionPath(first - 1, second);
            Assert.False(ProofVerifier.Inclusion(_leaves[first - 1], first - 1, second, [.. audit, audit[0]], _roots[second]));
            Assert.False(ProofVerifier.Inclusion(_leaves[first - 1], first - 1, second, [.. audit.Skip(1)], _roots[second]));
        });

    [Fact]
    public void Hashes_of_another_length_are_not_proven()
    {
        Assert.False(ProofVerifier.Inclusion(_leaves[0], 0, 2, [new byte[31]], _roots[2]));
        Assert.False(ProofVerifier.Inclusion(new byte[31], 0, 1, [], _roots[1]));
        Assert.False(ProofVerifier.Consistency(1, 2, [new byte[33]], _roots[1], _roots[2]));
        Assert.False(ProofVerifier.Consistency(1, 1, [], [], []));
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(5, 5)]
    public void There_is_no_path_to_a_leaf_that_is_not_there(long index, long size)
        => Assert.Throws<ArgumentOutOfRangeException>(() => ProofPlan.Inclusion(index, size));

    private static byte[] RootOf(int size)
        => size == 0 ? MerkleTree.EmptyRoot : new CompactRange(size, [.. CompactRange.NodesOf(size).Select(node => _nodes[node])]).Root();

    private static IReadOnlyList<byte[]> InclusionPath(int index, int size) => ProofPlan.Inclusion(index, size).Assemble(node => _nodes[node]);

    private static IReadOnlyList<byte[]> ConsistencyPath(int first, int second) => ProofPlan.Consistency(first, second).Assemble(node => _nodes[node]);

    // RFC 6962, section 2.1.1, over the leaves themselves.
    private static List<byte[]> DefinedPath(int index, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
        {
            return [];
        }

        var k = 1;
        while (k * 2 < leaves.Length)
        {
            k *= 2;
        }

        return index < k
            ? [.. DefinedPath(index, leaves[..k]), MerkleTree.Root(leaves[k..])]
            : [.. DefinedPath(index - k, leaves[k..]), MerkleTree.Root(leaves[..k])];
    }

    private static byte[] Flip(byte[] hash, int bit)
    {
        byte[] flipped = [.. hash];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    private static IReadOnlyList<byte[]> Flipped(IReadOnlyList<byte[]> path, int element, int bit)
        => [.. path.Select((hash, i) => i == element ? Flip(hash, bit) : hash)];
}
