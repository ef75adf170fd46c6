using Poc.Kernel.Log;

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
    /// <param name="nonce">The r stored with the content.</param>
    /// <param name="contentSha256">Of the content as it is stored; null where the entry commits to a record alone.</param>
    /// <param name="record">What is recorded about it; null where the entry commits to a content alone.</param>
    public static string? Changed(LogEntry entry, byte[] nonce, byte[]? contentSha256, string? record)
    {
        var hasNonce = nonce.Length == Commitment.NonceSize;
        if (contentSha256 is not null && !(hasNonce && Commitment.Of(nonce, contentSha256).AsSpan().SequenceEqual(entry.Commitment)))
        {
            return "The content stored is not the one that was logged.";
        }

        return record is null || (hasNonce && EvidenceRecord.Commit(nonce, record).AsSpan().SequenceEqual(entry.RecordCommitment))
            ? null
            : "What is recorded about the content is not what was logged.";
    }
}
