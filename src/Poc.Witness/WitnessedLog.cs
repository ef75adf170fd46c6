using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;

namespace Poc.Witness;

/// <summary>The largest tree of a log that was cosigned.</summary>
/// <param name="Size">Number of entries.</param>
/// <param name="RootHash">Root over them.</param>
/// <param name="At">When it was cosigned; null before the first time.</param>
internal sealed record WitnessedTree(long Size, byte[] RootHash, DateTimeOffset? At)
{
    public static WitnessedTree None { get; } = new(0, MerkleTree.EmptyRoot, null);
}

/// <summary>
/// A log that the witness knows: one file with its keys and the largest tree that was cosigned. Two places in it are written in turn and flushed, so that a crash while
/// one is written leaves the other, and nothing was answered yet.
/// </summary>
internal sealed class WitnessedLog : IDisposable
{
    private const int Block = 4_096;
    private const char Revoked = '-';
    private readonly FileStream _file;
    private long _sequence;

    private WitnessedLog(FileStream file, IReadOnlyList<NoteKey> keys, long sequence, WitnessedTree tree) => (_file, Keys, _sequence, Tree) = (file, keys, sequence, tree);

    /// <summary>Keys of the log, of which one must have signed a checkpoint: two while one follows the other.</summary>
    public IReadOnlyList<NoteKey> Keys { get; }

    public string Origin => Keys[0].Name;

    /// <summary>The largest tree that was cosigned; hold <see cref="Turn"/> from reading it until <see cref="Keep"/> has returned.</summary>
    public WitnessedTree Tree { get; private set; }

    /// <summary>One request about this log at a time.</summary>
    public Lock Turn { get; } = new();

    public static string FileName(string origin) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));

    /// <summary>Makes the file of a log of which nothing was cosigned.</summary>
    /// <exception cref="IOException">There is one.</exception>
    public static void Create(string path, NoteKey key)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        file.Write(Padded($"{key}\n"));
        file.Write(Padded(Line(0, WitnessedTree.None)));
        file.Write(new byte[Block]);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Adds a key to a log's file, or takes one away. What a crash cuts off has no end of line, and does not count.</summary>
    /// <exception cref="FormatException">The log has that key already, or has not; it is its last one; or there is no room for more.</exception>
    public static void Change(string path, NoteKey key, bool isTrusted)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var block = new byte[Block];
        file.ReadExactly(block);
        var lines = LinesOf(block);
        var known = KeysOf(lines).Select(one => one.ToString()).ToList();
        if (known.Contains(key.ToString()) == isTrusted)
        {
            throw new FormatException(isTrusted ? "The key is trusted already." : "The key is not trusted.");
        }

        if (!isTrusted && known.Count == 1)
        {
            throw new FormatException("It is the log's last key.");
        }

        var said = string.Concat([.. lines.Select(line => line + "\n"), isTrusted ? $"{key}\n" : $"{Revoked}{key}\n"]);
        if (Encoding.UTF8.GetByteCount(said) > Block)
        {
            throw new FormatException("The log has had too many keys.");
        }

        file.Position = 0;
        file.Write(Padded(said));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Opens a log's file; to cosign, under <see cref="WitnessFolder.TakeAlone"/>.</summary>
    /// <exception cref="InvalidDataException">It is damaged: what was cosigned is not known, so nothing may be.</exception>
    public static WitnessedLog Open(string path, bool toCosign)
    {
        var file = new FileStream(path, FileMode.Open, toCosign ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        try
        {
            var bytes = new byte[3 * Block];
            file.ReadExactly(bytes);
            var keys = KeysOf(LinesOf(bytes));
            (long Sequence, WitnessedTree Tree)[] kept = [.. ((int[])[1, 2]).Select(i => Read(bytes.AsSpan(i * Block, Block))).OfType<(long, WitnessedTree)>()];
            return kept.Length == 0 ? throw new FormatException("neither of its two records is whole") : new WitnessedLog(file, keys, kept.Max(one => one.Sequence), kept.MaxBy(one => one.Sequence).Tree);
        }
        catch (Exception damage) when (damage is FormatException or EndOfStreamException)
        {
            file.Dispose();
            throw new InvalidDataException($"{path} is damaged: {damage.Message}. Nothing of this log may be cosigned from it.", damage);
        }
    }

    /// <summary>Writes down what is about to be cosigned. It is on the disk when this returns.</summary>
    public void Keep(WitnessedTree tree)
    {
        var sequence = _sequence + 1;
        _file.Position = Block * (1 + (sequence % 2));
        _file.Write(Padded(Line(sequence, tree)));
        _file.Flush(flushToDisk: true);
        (_sequence, Tree) = (sequence, tree);
    }

    public void Dispose() => _file.Dispose();

    private static string Line(long sequence, WitnessedTree tree)
    {
        var said = string.Create(CultureInfo.InvariantCulture, $"{sequence} {tree.Size} {Convert.ToBase64String(tree.RootHash)} {tree.At?.ToUnixTimeSeconds() ?? 0}");
        return $"{said} {Digest(said)}\n";
    }

    private static (long, WitnessedTree)? Read(ReadOnlySpan<byte> block)
    {
        var line = Encoding.UTF8.GetString(block).Split('\n')[0];
        if (line.LastIndexOf(' ') is not (> 0 and var end) || Digest(line[..end]) != line[(end + 1)..])
        {
            return null;
        }

        var parts = line.Split(' ');
        var time = long.Parse(parts[3], CultureInfo.InvariantCulture);
        return (long.Parse(parts[0], CultureInfo.InvariantCulture),
            new WitnessedTree(long.Parse(parts[1], CultureInfo.InvariantCulture), Convert.FromBase64String(parts[2]), time == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(time)));
    }

    private static string[] LinesOf(byte[] bytes) => Encoding.UTF8.GetString(bytes, 0, Block).Split('\n')[..^1];

    private static List<NoteKey> KeysOf(string[] lines)
    {
        var keys = new List<NoteKey>();
        foreach (var line in lines)
        {
            if (line.StartsWith(Revoked))
            {
                keys.RemoveAll(key => key.ToString() == line[1..]);
            }
            else
            {
                keys.Add(NoteKey.Parse(line));
            }
        }

        return keys.Count > 0 ? keys : throw new FormatException("it has no key");
    }

    private static string Digest(string said) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(said)));

    private static byte[] Padded(string line)
    {
        var block = new byte[Block];
        Encoding.UTF8.GetBytes(line, block);
        return block;
    }
}
