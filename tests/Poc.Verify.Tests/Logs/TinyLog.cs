using System.Buffers.Binary;
using System.Globalization;
using Poc.Verify.Tests.Notes;

namespace Poc.Verify.Tests.Logs;

/// <summary>A C2SP tile log written level by level from the definition: the n-th tile of level l holds the roots over its 256^l leaves.</summary>
internal static class TinyLog
{
    public const string Origin = "log.example/one";

    public static Dictionary<string, byte[]> Files(int size, Signer signer)
    {
        byte[][] entries = [.. Enumerable.Range(0, size).Select(Entry)];
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (var i = 0; i < size; i += 256)
        {
            byte[][] bundle = entries[i..Math.Min(size, i + 256)];
            files[Path("entries", i / 256, bundle.Length)] = [.. bundle.SelectMany(entry => (byte[])[(byte)(entry.Length >> 8), (byte)entry.Length, .. entry])];
        }

        byte[][] level = [.. entries.Select(NaiveTree.Leaf)];
        for (var l = 0; level.Length > 0; l++)
        {
            var above = new List<byte[]>();
            for (var i = 0; i < level.Length; i += 256)
            {
                byte[][] tile = level[i..Math.Min(level.Length, i + 256)];
                files[Path(l.ToString(CultureInfo.InvariantCulture), i / 256, tile.Length)] = [.. tile.SelectMany(hash => hash)];
                if (tile.Length == 256)
                {
                    above.Add(Root(tile));
                }
            }

            level = [.. above];
        }

        files["checkpoint"] = Checkpoint(size, Root([.. entries.Select(NaiveTree.Leaf)]), signer);
        return files;
    }

    public static byte[] Checkpoint(int size, byte[] root, Signer signer, string origin = Origin)
    {
        var text = $"{origin}\n{size.ToString(CultureInfo.InvariantCulture)}\n{Convert.ToBase64String(root)}\n";
        return System.Text.Encoding.UTF8.GetBytes(text + "\n" + signer.Line(text));
    }

    public static byte[] RootAt(int size) => NaiveTree.Root([.. Enumerable.Range(0, size).Select(Entry)]);

    public static byte[] Entry(int index)
    {
        var entry = new byte[4 + (index % 5)];
        BinaryPrimitives.WriteInt32BigEndian(entry, index);
        return entry;
    }

    private static byte[] Root(byte[][] hashes)
    {
        if (hashes.Length == 0)
        {
            return NaiveTree.Root([]);
        }

        if (hashes.Length == 1)
        {
            return hashes[0];
        }

        var k = 1;
        while (k * 2 < hashes.Length)
        {
            k *= 2;
        }

        return System.Security.Cryptography.SHA256.HashData([1, .. Root(hashes[..k]), .. Root(hashes[k..])]);
    }

    // Good for indices below 1,000,000.
    private static string Path(string level, int index, int width)
        => $"tile/{level}/{(index < 1000 ? $"{index:000}" : $"x{index / 1000:000}/{index % 1000:000}")}{(width == 256 ? "" : $".p/{width}")}";
}
