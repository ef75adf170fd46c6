using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Poc.Kernel.Text;

/// <summary>
/// MinHash signatures (Broder, 1997) of 128 × 32 bits with fixed seeds, so that signatures made by any replica and kept in any database compare. Changing anything here makes another
/// <see cref="Version"/>: signatures of different versions are never compared.
/// </summary>
public static class MinHash
{
    /// <summary>Values in a signature.</summary>
    public const int Size = 128;

    /// <summary>Names the seeds and the hash family.</summary>
    public const int Version = 1;

    /// <summary>Bands of the index that finds candidates.</summary>
    public const int Bands = 42;

    /// <summary>Values of a signature in a band: two of the 128 belong to no band.</summary>
    public const int Rows = 3;

    private static readonly uint[] Multipliers = Seeds(0x9E3779B97F4A7C15);
    private static readonly uint[] Masks = Seeds(0xD1B54A32D192ED03);

    /// <summary>The signature of a set of shingles, given by their 32-bit hashes.</summary>
    /// <param name="shingles">At least one.</param>
    public static uint[] Sign(ReadOnlySpan<uint> shingles)
    {
        var signature = new uint[Size];
        Array.Fill(signature, uint.MaxValue);
        var width = Vector<uint>.Count;

        // The functions are the outer loop: one vector of minima stays in a register while all shingles pass.
        for (var i = 0; i < Size; i += width)
        {
            var multiplier = new Vector<uint>(Multipliers, i);
            var mask = new Vector<uint>(Masks, i);
            var least = new Vector<uint>(uint.MaxValue);
            foreach (var shingle in shingles)
            {
                least = Vector.Min(least, (new Vector<uint>(shingle) ^ mask) * multiplier);
            }

            least.CopyTo(signature, i);
        }

        return signature;
    }

    /// <summary>The estimate of the Jaccard similarity of the two sets, 0 to 1; its standard error is at most 0.045.</summary>
    public static double Similarity(ReadOnlySpan<uint> one, ReadOnlySpan<uint> other)
    {
        var width = Vector<uint>.Count;
        var equal = Vector<uint>.Zero;
        var ones = MemoryMarshal.Cast<uint, Vector<uint>>(one);
        var others = MemoryMarshal.Cast<uint, Vector<uint>>(other);
        for (var i = 0; i < ones.Length; i++)
        {
            equal -= Vector.Equals(ones[i], others[i]);
        }

        uint sum = 0;
        for (var lane = 0; lane < width; lane++)
        {
            sum += equal[lane];
        }

        return sum / (double)Size;
    }

    /// <summary>
    /// The keys under which a database finds much the same wording at any time: 12 of four values each, so that two letters share one in 54 of 100 cases at a similarity of 0.5, in 96 at
    /// 0.7, and in 1 of 1,000 at 0.1.
    /// </summary>
    public static long[] WordingKeys(ReadOnlySpan<uint> signature)
    {
        var keys = new long[12];
        var bytes = MemoryMarshal.AsBytes(signature);
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = BinaryPrimitives.ReadInt64BigEndian(bytes[(16 * i)..]) ^ BinaryPrimitives.ReadInt64BigEndian(bytes[(16 * i + 8)..]);
        }

        return keys;
    }

    /// <summary>The keys under which candidates are found: two sets are candidates where they share one. A subset of them finds fewer.</summary>
    public static ulong[] BandKeys(ReadOnlySpan<uint> signature)
    {
        var keys = new ulong[Bands];
        for (var band = 0; band < Bands; band++)
        {
            var at = band * Rows;
            var key = Mix(((ulong)(uint)band << 32) | signature[at]);
            keys[band] = Mix(key ^ (((ulong)signature[at + 1] << 32) | signature[at + 2]));
        }

        return keys;
    }

    /// <summary>The 64-bit finaliser of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>FNV-1a over UTF-16 code units, finished by <see cref="Mix"/>: fixed for ever, unlike <see cref="string.GetHashCode()"/>.</summary>
    public static ulong HashOf(ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * 1099511628211UL;
        }

        return Mix(hash);
    }

    private static uint[] Seeds(ulong state)
    {
        var seeds = new uint[Size];
        for (var i = 0; i < Size; i++)
        {
            state += 0x9E3779B97F4A7C15;
            // Odd, so that multiplying permutes the 32-bit numbers.
            seeds[i] = (uint)(Mix(state) >> 32) | 1;
        }

        return seeds;
    }
}
