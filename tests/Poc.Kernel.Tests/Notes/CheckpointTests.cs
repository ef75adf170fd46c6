using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;

namespace Poc.Kernel.Tests.Notes;

public sealed class CheckpointTests
{
    [Fact]
    public void Has_origin_size_and_root_on_three_lines()
        => Assert.Equal(
            "poc.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
            new Checkpoint("poc.example/log", 0, MerkleTree.EmptyRoot).ToString());

    [Fact]
    public void Reads_back_what_was_signed()
    {
        using var signer = new NoteSigner("poc.example/log", new byte[32]);
        var checkpoint = Checkpoint.Open(signer.Sign(new Checkpoint("poc.example/log", 42, MerkleTree.HashLeaf([1])).ToString()), signer.PublicKey);
        Assert.Equal((42, "poc.example/log"), (checkpoint.Size, checkpoint.Origin));
        Assert.Equal(MerkleTree.HashLeaf([1]), checkpoint.RootHash);
    }

    [Fact]
    public void Refuses_the_checkpoint_of_another_log_by_the_same_key()
    {
        using var signer = new NoteSigner("poc.example/log", new byte[32]);
        var note = signer.Sign(new Checkpoint("other.example/log", 42, MerkleTree.EmptyRoot).ToString());
        Assert.ThrowsAny<FormatException>(() => Checkpoint.Open(note, signer.PublicKey));
    }

    [Fact]
    public void Passes_over_extension_lines()
        => Assert.Equal(7, Checkpoint.Parse("poc.example/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\n").Size);

    [Theory]
    [InlineData("")]
    [InlineData("poc.example/log\n7\n")]
    [InlineData("\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("poc.example/log\n07\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("poc.example/log\n-7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("poc.example/log\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("poc.example/log\n7\n47DEQpj8HBSa\n")]
    [InlineData("poc.example/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    public void Refuses_what_is_not_a_checkpoint(string text) => Assert.Throws<FormatException>(() => Checkpoint.Parse(text));
}
