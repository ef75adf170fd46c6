using System.Globalization;
using System.Text;
using Poc.Kernel.Merkle;

namespace Poc.Witness;

/// <summary>The body of <c>add-checkpoint</c>: <c>old SIZE</c>, the hashes of a consistency proof in base64, an empty line, the signed checkpoint.</summary>
/// <param name="OldSize">Size of the tree that the witness is thought to know.</param>
/// <param name="Proof">From there to the checkpoint's tree.</param>
/// <param name="Note">The checkpoint as the log signed it.</param>
internal sealed record AddCheckpointRequest(long OldSize, IReadOnlyList<byte[]> Proof, string Note)
{
    private const string Old = "old ";
    private const int MaxProof = 63;
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Origin that the checkpoint claims: its first line.</summary>
    public string Origin => Note[..Note.IndexOf('\n', StringComparison.Ordinal)];

    /// <exception cref="FormatException">It is not such a body.</exception>
    public static AddCheckpointRequest Parse(byte[] body)
    {
        string text;
        try
        {
            text = _strictUtf8.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException("The body is not UTF-8.");
        }

        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !text.StartsWith(Old, StringComparison.Ordinal) || text[(end + 2)..] is not { } note || note.IndexOf('\n', StringComparison.Ordinal) <= 0)
        {
            throw new FormatException("The body is 'old SIZE', a proof, an empty line and a checkpoint.");
        }

        var lines = text[..end].Split('\n');
        var size = lines[0][Old.Length..];
        if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var old) || old.ToString(CultureInfo.InvariantCulture) != size)
        {
            throw new FormatException("The old size is a decimal number without leading zeros.");
        }

        return lines.Length - 1 <= MaxProof
            ? new AddCheckpointRequest(old, [.. lines[1..].Select(Hash)], note)
            : throw new FormatException($"A proof has at most {MaxProof} hashes.");
    }

    // Written in the one way there is: the decoder would pass over white space.
    private static byte[] Hash(string line)
    {
        var hash = new byte[line.Length];
        return Convert.TryFromBase64String(line, hash, out var length) && length == MerkleTree.HashSize && Convert.ToBase64String(hash, 0, length) == line
            ? hash[..length]
            : throw new FormatException("A line of the proof is a SHA-256 in base64.");
    }
}
