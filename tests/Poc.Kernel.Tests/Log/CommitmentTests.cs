using System.Security.Cryptography;
using System.Text;
using Poc.Kernel.Log;

namespace Poc.Kernel.Tests.Log;

public sealed class CommitmentTests
{
    // Computed with Python's hmac and hashlib: HMAC-SHA256 under 00 01 … 1f of SHA-256("statement").
    [Fact]
    public void Is_the_HMAC_of_the_hash()
        => Assert.Equal(
            "144e449b435ce4f5abb2a9b3315ec775435c2699bfefc1c735d5214921fcbc29",
            Convert.ToHexStringLower(Commitment.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)], SHA256.HashData(Encoding.UTF8.GetBytes("statement")))));

    [Fact]
    public void Refuses_a_short_nonce() => Assert.Throws<ArgumentException>(() => Commitment.Of(new byte[16], new byte[32]));

    [Fact]
    public void Refuses_what_is_not_a_hash() => Assert.Throws<ArgumentException>(() => Commitment.Of(new byte[32], new byte[20]));
}
