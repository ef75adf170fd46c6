using System.Numerics;
using System.Security.Cryptography;

namespace Poc.Kernel.Merkle;

/// <summary>
/// The hash rules of a Merkle tree after RFC 6962, section 2.1, with SHA-256. Leaves and inner nodes are hashed under different prefixes, so that nobody
/// can pass an inner node off as an entry.
/// </summary>
public static class MerkleTree
{
    /// <summary>Length of every hash, in bytes.</summary>
    public const int HashSize = SHA256.HashSizeInBytes;

    /// <summary>Root of the tree without entries: SHA-256 of nothing.</summary>
    public static byte[] EmptyRoot => SHA256.HashData([]);

    /// <summary>Hash of an entry: <c>SHA-256(0x00 || entry)</c>.</summary>
    public static byte[] HashLeaf(ReadOnlySpan<byte> entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0x00]);
        hash.AppendData(entry);
        return hash.GetHashAndReset();
    }

    /// <summary>Hash of an inner node: <c>SHA-256(0x01 || left || right)</c>.</summary>
    /// <exception cref="ArgumentException">A child is not a hash.</exception>
    public static byte[] HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != HashSize || right.Length != HashSize)
        {
            throw new ArgumentException($"Children are hashes of {HashSize} bytes.");
        }

        Span<byte> input = stackalloc byte[1 + (2 * HashSize)];
        input[0] = 0x01;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashSize)..]);
        return SHA256.HashData(input);
    }

    /// <summary>Root over leaf hashes, by the definition of RFC 6962. Reads every leaf: the log itself grows by <see cref="CompactRange"/>.</summary>
    public static byte[] Root(ReadOnlySpan<byte[]> leafHashes) => leafHashes.Length switch
    {
        0 => EmptyRoot,
        1 => leafHashes[0],
        _ => HashNode(Root(leafHashes[..(int)Split(leafHashes.Length)]), Root(leafHashes[(int)Split(leafHashes.Length)..])),
    };

    /// <summary>The largest power of two smaller than <paramref name="size"/> (k in RFC 6962): where a tree of more than one leaf divides.</summary>
    internal static long Split(long size) => 1L << (63 - BitOperations.LeadingZeroCount((ulong)(size - 1)));
}
