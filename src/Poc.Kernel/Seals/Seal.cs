using System.Security.Cryptography;

namespace Poc.Kernel.Seals;

/// <summary>Bytes under a key: AES-256-GCM (NIST SP 800-38D) with a random nonce, as nonce, ciphertext and tag one after the other.</summary>
public static class Seal
{
    /// <summary>Length of a key, in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>What a seal adds to the content's length, in bytes.</summary>
    public const int Overhead = NonceSize + TagSize;

    private const int NonceSize = 12;
    private const int TagSize = 16;

    /// <summary>Seals a content.</summary>
    /// <param name="key">Of <see cref="KeySize"/> bytes; seals at most 2^32 contents.</param>
    /// <param name="content">Anything.</param>
    /// <param name="bound">Where the content belongs: it opens only with the same bytes here.</param>
    public static byte[] Close(ReadOnlySpan<byte> key, ReadOnlySpan<byte> content, ReadOnlySpan<byte> bound)
    {
        var result = new byte[content.Length + Overhead];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(result.AsSpan(0, NonceSize), content, result.AsSpan(NonceSize, content.Length), result.AsSpan(NonceSize + content.Length), bound);
        return result;
    }

    /// <summary>Opens what <see cref="Close"/> sealed.</summary>
    /// <exception cref="CryptographicException">Another key, another place, or the bytes were changed.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> @sealed, ReadOnlySpan<byte> bound)
    {
        if (@sealed.Length < Overhead)
        {
            throw new CryptographicException("What should be sealed is too short.");
        }

        var content = new byte[@sealed.Length - Overhead];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(@sealed[..NonceSize], @sealed[NonceSize..^TagSize], @sealed[^TagSize..], content, bound);
        return content;
    }
}
