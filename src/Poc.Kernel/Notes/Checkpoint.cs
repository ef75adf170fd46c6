using System.Globalization;
using Poc.Kernel.Merkle;

namespace Poc.Kernel.Notes;

/// <summary>What a log says about itself (C2SP tlog-checkpoint): how many entries it has and the root hash over them. Signed as a note.</summary>
/// <param name="Origin">Which log: a schema-less URL, the first line.</param>
/// <param name="Size">Number of entries.</param>
/// <param name="RootHash">Root of the RFC 6962 tree over them, 32 bytes.</param>
public sealed record Checkpoint(string Origin, long Size, byte[] RootHash)
{
    /// <summary>Reads the text of a note as a checkpoint. Further lines (extensions) are allowed and passed over.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static Checkpoint Parse(string text)
    {
        if (text.Split('\n') is not [{ Length: > 0 } origin, var size, var root, .., ""]
            || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var entries)
            || entries.ToString(CultureInfo.InvariantCulture) != size
            || Base64.Decode(root) is not { Length: MerkleTree.HashSize } hash)
        {
            throw new FormatException("A checkpoint is an origin, a size without leading zeros and a SHA-256 in base64, each on its line.");
        }

        return new Checkpoint(origin, entries, hash);
    }

    /// <summary>Reads a checkpoint that the log itself has signed.</summary>
    /// <param name="note">The signed note.</param>
    /// <param name="log">The log's key; several where it has changed, of which one must have signed.</param>
    /// <exception cref="FormatException">It is malformed, not signed by such a key, or about another log.</exception>
    public static Checkpoint Open(string note, params IReadOnlyList<NoteKey> log)
    {
        var opened = SignedNote.Open(note, log);
        var checkpoint = Parse(opened.Text);
        return opened.Signers.FirstOrDefault(signer => signer.Name != checkpoint.Origin) is { } other
            ? throw new FormatException($"The checkpoint is of {checkpoint.Origin}, not of {other.Name}.")
            : checkpoint;
    }

    /// <summary>The text to sign.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(RootHash)}\n");
}
