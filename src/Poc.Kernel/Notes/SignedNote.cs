using System.Buffers.Binary;
using System.Text;

namespace Poc.Kernel.Notes;

/// <summary>
/// A text with the signatures of those whose keys the reader trusts (C2SP signed-note). There is no way to get at the text of a note that nobody
/// trusted has signed.
/// </summary>
public sealed class SignedNote
{
    internal const string SignaturePrefix = "— ";
    private const int MaxSignatures = 100;
    private const int MaxLength = 1_000_000;
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private SignedNote(string text, IReadOnlyList<NoteKey> signers)
    {
        Text = text;
        Signers = signers;
    }

    /// <summary>What was signed; ends with a newline.</summary>
    public string Text { get; }

    /// <summary>The trusted keys that signed it: at least one.</summary>
    public IReadOnlyList<NoteKey> Signers { get; }

    /// <summary>
    /// Reads a note. Signatures of unknown keys are passed over, as the format asks; a wrong signature of a trusted key refuses the whole note.
    /// </summary>
    /// <exception cref="NoteException">It is malformed, a trusted key's signature is wrong, or no trusted key signed it; the message says which.</exception>
    public static SignedNote Open(string note, params IReadOnlyList<NoteKey> trusted)
    {
        // The text may hold blank lines itself: the signatures follow the last one.
        var split = note.Length <= MaxLength ? note.LastIndexOf("\n\n", StringComparison.Ordinal) : -1;
        if (split < 0 || !note.EndsWith('\n'))
        {
            throw new NoteException(NoteProblem.Malformed, "A signed note is a text, an empty line and signature lines.");
        }

        var text = note[..(split + 1)];
        var bytes = TextBytes(text);
        var signers = new List<NoteKey>();
        var lines = note[(split + 2)..].Split('\n')[..^1];
        if (lines.Length is 0 or > MaxSignatures)
        {
            throw new NoteException(NoteProblem.Malformed, $"A signed note has from 1 to {MaxSignatures} signatures.");
        }

        foreach (var line in lines)
        {
            var (name, id, signature) = Parse(line);
            var key = trusted.FirstOrDefault(key => key.Name == name && key.Id == id);
            if (key is null || signers.Contains(key))
            {
                continue;
            }

            if (!key.Verify(bytes, signature))
            {
                throw new NoteException(NoteProblem.SignatureWrong, $"The signature of {name} is wrong.");
            }

            signers.Add(key);
        }

        return signers.Count > 0 ? new SignedNote(text, signers) : throw new NoteException(NoteProblem.NotSigned, "No trusted key has signed the note.");
    }

    internal static byte[] TextBytes(string text)
        => text.EndsWith('\n') && !text.Any(c => c < ' ' && c != '\n')
            ? _strictUtf8.GetBytes(text)
            : throw new NoteException(NoteProblem.Malformed, "The text of a note ends with a newline and has no other control character.");

    private static (string Name, uint Id, byte[] Signature) Parse(string line)
    {
        if (!line.StartsWith(SignaturePrefix, StringComparison.Ordinal)
            || line[SignaturePrefix.Length..].Split(' ') is not [var name, var encoded]
            || !NoteKey.IsName(name)
            || Base64.Decode(encoded) is not { Length: > 4 } blob)
        {
            throw new NoteException(NoteProblem.Malformed, "A signature line is a dash, the key's name and base64.");
        }

        return (name, BinaryPrimitives.ReadUInt32BigEndian(blob), blob[4..]);
    }
}
