using System.Security.Cryptography;

namespace Poc.Kernel.Log;

/// <summary>
/// What the log says of a content without giving it away: <c>HMAC-SHA256(r, SHA-256(content))</c>. With the random r it can be checked against the content;
/// once r is destroyed nobody can even guess at the content, and the log stays provable.
/// </summary>
public static class Commitment
{
    /// <summary>Length of r, in bytes.</summary>
    public const int NonceSize = 32;

    /// <summary>The commitment to a content by its SHA-256.</summary>
    /// <exception cref="ArgumentException"><paramref name="nonce"/> or <paramref name="contentSha256"/> is not of 32 bytes.</exception>
    public static byte[] Of(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> contentSha256)
        => nonce.Length == NonceSize && contentSha256.Length == SHA256.HashSizeInBytes
            ? HMACSHA256.HashData(nonce, contentSha256)
            : throw new ArgumentException($"A commitment is made of a nonce of {NonceSize} bytes and a SHA-256.");
}
