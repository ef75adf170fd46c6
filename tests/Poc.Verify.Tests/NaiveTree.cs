using System.Security.Cryptography;

namespace Poc.Verify.Tests;

/// <summary>RFC 6962, section 2.1, word by word and without any cleverness: what the product's own tree is compared with.</summary>
internal static class NaiveTree
{
    public static byte[] Leaf(byte[] entry) => SHA256.HashData([0, .. entry]);

    public static byte[] Root(IReadOnlyList<byte[]> entries) => entries.Count switch
    {
        0 => SHA256.HashData([]),
        1 => Leaf(entries[0]),
        var n => SHA256.HashData([1, .. Root([.. entries.Take(K(n))]), .. Root([.. entries.Skip(K(n))])]),
    };

    public static List<byte[]> Path(int m, IReadOnlyList<byte[]> entries)
    {
        if (entries.Count == 1)
        {
            return [];
        }

        var k = K(entries.Count);
        return m < k
            ? [.. Path(m, [.. entries.Take(k)]), Root([.. entries.Skip(k)])]
            : [.. Path(m - k, [.. entries.Skip(k)]), Root([.. entries.Take(k)])];
    }

    public static List<byte[]> Proof(int m, IReadOnlyList<byte[]> entries) => SubProof(m, entries, true);

    private static List<byte[]> SubProof(int m, IReadOnlyList<byte[]> entries, bool b)
    {
        if (m == entries.Count)
        {
            return b ? [] : [Root(entries)];
        }

        var k = K(entries.Count);
        return m <= k
            ? [.. SubProof(m, [.. entries.Take(k)], b), Root([.. entries.Skip(k)])]
            : [.. SubProof(m - k, [.. entries.Skip(k)], false), Root([.. entries.Take(k)])];
    }

    private static int K(int n)
    {
        var k = 1;
        while (k * 2 < n)
        {
            k *= 2;
        }

        return k;
    }
}
