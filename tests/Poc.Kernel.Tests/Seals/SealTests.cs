using System.Security.Cryptography;
using Poc.Kernel.Seals;

namespace Poc.Kernel.Tests.Seals;

public sealed class SealTests
{
    private static readonly byte[] _key = [.. Enumerable.Range(0, Seal.KeySize).Select(i => (byte)i)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Gives_back_what_was_sealed(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        var @sealed = Seal.Close(_key, content, "here"u8);
        Assert.Equal(length + Seal.Overhead, @sealed.Length);
        Assert.Equal(content, Seal.Open(_key, @sealed, "here"u8));
        Assert.NotEqual(@sealed, Seal.Close(_key, content, "here"u8));
    }

    [Fact]
    public void Opens_nothing_under_another_key_elsewhere_or_changed()
    {
        var @sealed = Seal.Close(_key, "content"u8, "here"u8);
        Assert.ThrowsAny<CryptographicException>(() => Seal.Open(new byte[Seal.KeySize], @sealed, "here"u8));
        Assert.ThrowsAny<CryptographicException>(() => Seal.Open(_key, @sealed, "there"u8));
        for (var at = 0; at < @sealed.Length; at++)
        {
            var changed = @sealed.ToArray();
            changed[at] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => Seal.Open(_key, changed, "here"u8));
            Assert.ThrowsAny<CryptographicException>(() => Seal.Open(_key, @sealed.AsSpan(0, at), "here"u8));
        }
    }
}
