using Poc.Kernel.Log;
using Poc.StatementArchive.Keys;

namespace Poc.StatementArchive.Statements;

/// <summary>
/// Holds what is stored against the entry that was logged for it: the one place where that is decided, for whoever cites and for the audit. Whether the entry itself
/// is the one in the signed log is for the caller to find out.
/// </summary>
internal static class EvidenceCheck
{
    /// <summary>The entry, or why it is not one about this object.</summary>
    /// <param name="body">The entry as it is stored; null where there is none.</param>
    /// <param name="kind">What it must say.</param>
    /// <param name="objectId">What it must be about.</param>
    public static (LogEntry? Entry, string? Problem) Open(byte[]? body, string kind, Guid objectId)
    {
        if (body is null)
        {
            return (null, "It has no entry in the log.");
        }

        try
        {
            var entry = LogEntry.Parse(body);
            return entry.ObjectId == objectId && entry.Kind == kind ? (entry, null) : (null, "Its entry is about something else.");
        }
        catch (FormatException)
        {
            return (null, "Its entry is not one that this version can read.");
        }
    }

    /// <summary>What differs from what the entry commits to; null when nothing does.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="evidence">What is stored for it; null where that cannot be opened.</param>
    public static string? Changed(LogEntry entry, Evidence? evidence)
    {
        if (evidence is null)
        {
            return "What is stored does not open under its object's key: it was changed, or the key is gone.";
        }

        var sha256 = evidence.Text is { } text ? EvidenceRecord.Sha256(text) : evidence.Sha256;
        if (!Agrees(evidence.Nonce, sha256, entry.Commitment))
        {
            return "The content stored is not the one that was logged.";
        }

        return Agrees(evidence.Nonce, evidence.Record is { } record ? EvidenceRecord.Sha256(record) : null, entry.RecordCommitment)
            ? null
            : "What is recorded about the content is not what was logged.";
    }

    private static bool Agrees(byte[] nonce, byte[]? sha256, byte[]? commitment)
        => sha256 is null ? commitment is null : Commitment.Of(nonce, sha256).AsSpan().SequenceEqual(commitment);
}
