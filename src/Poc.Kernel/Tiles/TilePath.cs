using System.Globalization;

namespace Poc.Kernel.Tiles;

/// <summary>The place of a tile or an entry bundle (C2SP tlog-tiles): <c>tile/L/N[.p/W]</c>, <c>tile/entries/N[.p/W]</c>.</summary>
/// <param name="Level">From 0; <see cref="Entries"/> for a bundle.</param>
/// <param name="Index">Within the level.</param>
/// <param name="Width">Hashes or entries in it: from 1 to 255, or 256 when it is full.</param>
public readonly record struct TilePath(int Level, long Index, int Width)
{
    /// <summary>Hashes or entries in a full one.</summary>
    public const int Full = 256;

    /// <summary>In place of a level: a bundle of entries.</summary>
    public const int Entries = -1;

    // Above this a level of a 63-bit tree has no hash.
    private const int MaxLevel = 7;

    /// <summary>How many hashes its level has in a tree.</summary>
    public static long LevelSize(int level, long treeSize) => treeSize >> (8 * Math.Max(level, 0));

    /// <summary>Whether a tree of that size has all of it.</summary>
    public bool IsWithin(long treeSize) => Index <= (LevelSize(Level, treeSize) - Width) / Full && (Index * Full) + Width <= LevelSize(Level, treeSize);

    /// <summary>Reads a path; null when it is not one, or not written in the one way there is.</summary>
    public static TilePath? Parse(string path)
    {
        if (path.Split('/') is not ["tile", var level, .., _] parts || parts.Length < 3)
        {
            return null;
        }

        var width = Full;
        var elements = parts[2..];
        if (elements.Length > 1 && elements[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(elements[^1], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width is < 1 or >= Full)
            {
                return null;
            }

            elements = [.. elements[..^2], elements[^2][..^2]];
        }

        var isBundle = level == "entries";
        var number = 0;
        if (!isBundle && (!int.TryParse(level, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number > MaxLevel))
        {
            return null;
        }

        return long.TryParse(string.Concat(elements.Select(element => element.TrimStart('x'))), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && new TilePath(isBundle ? Entries : number, index, width) is var parsed && parsed.ToString() == path
            ? parsed
            : null;
    }

    /// <summary>The path, without a slash before it.</summary>
    public override string ToString()
    {
        var digits = Index.ToString(CultureInfo.InvariantCulture);
        digits = digits.PadLeft((digits.Length + 2) / 3 * 3, '0');
        var chunks = digits.Chunk(3).Select(chunk => new string(chunk)).ToList();
        var elements = chunks[..^1].Select(chunk => $"x{chunk}").Append(chunks[^1]);
        var level = Level == Entries ? "entries" : Level.ToString(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{string.Join('/', elements)}{(Width == Full ? "" : $".p/{Width}")}");
    }
}
