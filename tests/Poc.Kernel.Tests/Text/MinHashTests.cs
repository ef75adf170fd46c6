using CsCheck;
using Poc.Kernel.Text;

namespace Poc.Kernel.Tests.Text;

public class MinHashTests
{
    [Theory]
    [InlineData(100, 0)]
    [InlineData(100, 40)]
    [InlineData(300, 150)]
    [InlineData(50, 50)]
    public void Estimates_the_Jaccard_similarity_without_bias(int size, int shared)
    {
        // The mean of 200 estimates is within four standard errors of the truth.
        var random = new Random(5);
        var truth = shared / (double)(2 * size - shared);
        var estimates = Enumerable.Range(0, 200).Select(_ =>
        {
            var common = Hashes(random, shared);
            return MinHash.Similarity(MinHash.Sign([.. common, .. Hashes(random, size - shared)]), MinHash.Sign([.. common, .. Hashes(random, size - shared)]));
        }).ToList();

        Assert.InRange(estimates.Average(), truth - 4 * Math.Sqrt(truth * (1 - truth) / 128 / 200) - 1e-9, truth + 4 * Math.Sqrt(truth * (1 - truth) / 128 / 200) + 1e-4);
    }

    [Fact]
    public void Does_not_depend_on_the_order_of_the_shingles() => Gen.UInt.Array[1, 50].Sample(shingles =>
    {
        Assert.Equal(MinHash.Sign(shingles), MinHash.Sign([.. shingles.Reverse()]));
    });

    [Fact]
    public void Keeps_its_values_for_ever()
    {
        // Signatures lie in databases: another value here is another version of MinHash.
        var signature = MinHash.Sign([1, 2, 3, 4, 5]);

        Assert.Equal(1, MinHash.Version);
        var keys = MinHash.BandKeys(signature);
        // Computed by an independent program from the description of the family.
        Assert.Equal("367420289 5572180 295100289 583861044", $"{signature[0]} {signature[1]} {signature[63]} {signature[127]}");
        Assert.Equal("-4519425092811912984 5123681677780387003", $"{(long)keys[0]} {(long)keys[41]}");
    }

    private static uint[] Hashes(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (uint)random.NextInt64(uint.MaxValue))];
}
