using System.Text;
using Poc.Kernel.Notes;

namespace Poc.Verify.Notes;

/// <summary><c>poc-verify note</c>: that a note (C2SP signed-note) is signed by at least one trusted key, and by none of them wrongly.</summary>
internal static class VerifyNote
{
    private const int MaxSize = 1_000_000;
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static async Task RunAsync(string file, IReadOnlyList<string> keys, Report report, CancellationToken cancellation)
    {
        var trusted = Keys(keys);
        var note = Open(await Input.ReadAsync(file, MaxSize, cancellation), file, trusted);
        foreach (var signer in note.Signers)
        {
            report.Checked($"signed by {signer.Name}{(signer.IsCosigner ? " as a witness" : "")}");
        }
    }

    /// <summary>Verifier keys as they were given.</summary>
    public static IReadOnlyList<NoteKey> Keys(IReadOnlyList<string> keys) => [.. keys.Select(key =>
    {
        try
        {
            return NoteKey.Parse(key);
        }
        catch (FormatException problem)
        {
            throw new RefusedException(Reason.KeyMalformed, key, problem.Message);
        }
    })];

    /// <summary>A note by its bytes.</summary>
    public static SignedNote Open(byte[] bytes, string subject, IReadOnlyList<NoteKey> trusted)
    {
        try
        {
            return SignedNote.Open(_strictUtf8.GetString(bytes), trusted);
        }
        catch (DecoderFallbackException)
        {
            throw new RefusedException(Reason.Malformed, subject, "a note is UTF-8");
        }
        catch (NoteException problem)
        {
            var reason = problem.Problem switch
            {
                NoteProblem.SignatureWrong => Reason.SignatureWrong,
                NoteProblem.NotSigned => Reason.NotSigned,
                _ => Reason.Malformed,
            };
            throw new RefusedException(reason, subject, problem.Message);
        }
    }
}
