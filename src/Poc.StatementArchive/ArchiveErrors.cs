using System.Globalization;
using Grpc.Core;
using Poc.Grpc;

namespace Poc.StatementArchive;

/// <summary>What the archive refuses, beyond what any service does.</summary>
public static class ArchiveErrors
{
    /// <summary>The archive has no such statement.</summary>
    public static RpcError StatementNotFound(string name) =>
        new(StatusCode.NotFound, "STATEMENT_NOT_FOUND", $"The archive has no statement {name}.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>A statement of that name is archived already; statements are never overwritten.</summary>
    public static RpcError StatementExists(string name) =>
        new(StatusCode.AlreadyExists, "STATEMENT_EXISTS", $"{name} is archived already; what is archived is never overwritten. Choose another statement_id.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>The log has no entry at that index.</summary>
    public static RpcError LogEntryNotFound(long index) =>
        new(StatusCode.NotFound, "LOG_ENTRY_NOT_FOUND", string.Create(CultureInfo.InvariantCulture, $"The log has no entry {index}."))
        {
            Metadata = new Dictionary<string, string> { ["log_index"] = index.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>No checkpoint was signed over a tree of that size, or it does not hold the entry, or the tree has not grown so far.</summary>
    /// <param name="size">The size asked for.</param>
    /// <param name="newest">Size of the newest checkpoint.</param>
    public static RpcError TreeSizeUnknown(long size, long newest) =>
        new(
            StatusCode.OutOfRange, "TREE_SIZE_UNKNOWN",
            string.Create(CultureInfo.InvariantCulture, $"No proof for a tree of {size} entries; the newest checkpoint has {newest}."))
        {
            Metadata = new Dictionary<string, string>
            {
                ["tree_size"] = size.ToString(CultureInfo.InvariantCulture),
                ["newest_tree_size"] = newest.ToString(CultureInfo.InvariantCulture),
            },
        };

    /// <summary>What is asked for is stored, and the checkpoint that covers it is not signed yet. Ask again.</summary>
    public static RpcError CheckpointPending() =>
        new(StatusCode.Unavailable, "CHECKPOINT_PENDING", "The checkpoint that covers this entry is not signed yet.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The archive has a capture of that source already, with other bytes; what is captured is never overwritten.</summary>
    public static RpcError CaptureExists(string source) =>
        new(StatusCode.AlreadyExists, "CAPTURE_EXISTS", $"Other bytes of {source} are archived already.")
        {
            Metadata = new Dictionary<string, string> { ["source"] = source },
        };

    /// <summary>The archive has no such capture.</summary>
    public static RpcError CaptureNotFound(string name) =>
        new(StatusCode.NotFound, "CAPTURE_NOT_FOUND", $"The archive has no {name}.") { Metadata = new Dictionary<string, string> { ["name"] = name } };

    /// <summary>There is no such upload: it was finished, dropped, or never begun. StartCaptureUpload says which, and begins it anew.</summary>
    public static RpcError UploadNotFound(string name) =>
        new(StatusCode.NotFound, "UPLOAD_NOT_FOUND", $"There is no {name} (any more).") { Metadata = new Dictionary<string, string> { ["name"] = name } };

    /// <summary>The part does not begin where the upload stands. Go on at the offset in the metadata.</summary>
    public static RpcError UploadOffsetMismatch(string name, long expected) =>
        new(StatusCode.Aborted, "UPLOAD_OFFSET_MISMATCH", string.Create(CultureInfo.InvariantCulture, $"{name} has {expected} bytes: go on at that offset."))
        {
            Metadata = new Dictionary<string, string> { ["name"] = name, ["expected_offset"] = expected.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>Bytes of the upload are missing. Send the rest, from the offset in the metadata, and finish it again.</summary>
    public static RpcError UploadIncomplete(string name, long received, long size) =>
        new(StatusCode.FailedPrecondition, "UPLOAD_INCOMPLETE", string.Create(CultureInfo.InvariantCulture, $"{name} has {received} of {size} bytes."))
        {
            Metadata = new Dictionary<string, string>
            {
                ["name"] = name,
                ["expected_offset"] = received.ToString(CultureInfo.InvariantCulture),
                ["size_bytes"] = size.ToString(CultureInfo.InvariantCulture),
            },
        };

    /// <summary>The bytes that came are not those that were stated; the upload is dropped. Compare the file with its hash, and begin anew.</summary>
    public static RpcError UploadHashMismatch(string name, string stated, string received) =>
        new(StatusCode.FailedPrecondition, "UPLOAD_HASH_MISMATCH", $"The bytes of {name} have another SHA-256 than was stated.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name, ["stated_sha256"] = stated, ["received_sha256"] = received },
        };

    /// <summary>What is stored of the upload was changed in the database; it is dropped. Send it anew.</summary>
    public static RpcError UploadUnreadable(string name) =>
        new(StatusCode.DataLoss, "UPLOAD_UNREADABLE", $"What is stored of {name} is not what was sent.") { Metadata = new Dictionary<string, string> { ["name"] = name } };

    /// <summary>The caller has begun as many uploads as one person may have open. Finish them, or wait until they are dropped.</summary>
    public static RpcError UploadsOpen(int maximum) =>
        new(StatusCode.ResourceExhausted, "UPLOADS_OPEN", string.Create(CultureInfo.InvariantCulture, $"One person may have {maximum} uploads open."))
        {
            Metadata = new Dictionary<string, string> { ["maximum"] = maximum.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>More statements wait to be stored than the archive holds. Send the same request again.</summary>
    public static RpcError Overloaded() => new(StatusCode.Unavailable, "OVERLOADED", "The archive stores as fast as it can.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>What is asked for was erased: its content and key are gone for good.</summary>
    public static RpcError ObjectErased(string name) =>
        new(StatusCode.FailedPrecondition, "OBJECT_ERASED", $"{name} was erased; ListCustody says when.") { Metadata = new Dictionary<string, string> { ["name"] = name } };

    /// <summary>A legal hold forbids the erasure.</summary>
    public static RpcError LegalHoldPlaced(string name) =>
        new(StatusCode.FailedPrecondition, "LEGAL_HOLD_PLACED", $"{name} is under a legal hold and cannot be erased; ListLegalHolds says which.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>The statement has no such version of a translation.</summary>
    public static RpcError TranslationNotFound(string statement, string language, int version) =>
        new(StatusCode.NotFound, "TRANSLATION_NOT_FOUND", string.Create(CultureInfo.InvariantCulture, $"{statement} has no version {version} of a translation into '{language}'."))
        {
            Metadata = new Dictionary<string, string> { ["name"] = statement },
        };

    /// <summary>There is no dispute to decide.</summary>
    public static RpcError TranslationNotDisputed(string statement) =>
        new(StatusCode.FailedPrecondition, "TRANSLATION_NOT_DISPUTED", "This version is not disputed: there is nothing to decide.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = statement },
        };

    /// <summary>The dispute must be decided first.</summary>
    public static RpcError TranslationDisputed(string statement) =>
        new(StatusCode.FailedPrecondition, "TRANSLATION_DISPUTED", "This version is disputed: decide that first (UPHELD or REJECTED).")
        {
            Metadata = new Dictionary<string, string> { ["name"] = statement },
        };

    /// <summary>There is no such hold.</summary>
    public static RpcError LegalHoldNotFound(string name) =>
        new(StatusCode.NotFound, "LEGAL_HOLD_NOT_FOUND", $"There is no {name}.") { Metadata = new Dictionary<string, string> { ["name"] = name } };

    /// <summary>The hold was lifted before.</summary>
    public static RpcError LegalHoldLifted(string name) =>
        new(StatusCode.FailedPrecondition, "LEGAL_HOLD_LIFTED", $"{name} was lifted before.") { Metadata = new Dictionary<string, string> { ["name"] = name } };

    /// <summary>There is no such proposal.</summary>
    public static RpcError ErasureNotFound(string name) =>
        new(StatusCode.NotFound, "ERASURE_NOT_FOUND", $"There is no {name}.") { Metadata = new Dictionary<string, string> { ["name"] = name } };

    /// <summary>Who proposed an erasure wants to confirm it.</summary>
    public static RpcError ErasureNeedsAnotherPerson(string name) =>
        new(StatusCode.PermissionDenied, "ERASURE_NEEDS_ANOTHER_PERSON", $"{name} must be confirmed by somebody else than who proposed it.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>The archive has started and is not ready to answer: erasures are done again, or rows of an older version sealed, first.</summary>
    public static RpcError Opening() =>
        new(StatusCode.Unavailable, "ARCHIVE_OPENING", "The archive is held against its journal of erasures before it answers.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>What is stored of a statement does not open under its key: it was changed in the database, or the key store is not the one it was written with.</summary>
    public static RpcError StatementUnreadable(string name) =>
        new(StatusCode.DataLoss, "CONTENT_CHANGED", $"What is stored of {name} does not open: it was changed, or its key is gone without having been erased.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>What is stored does not open the commitment of its log entry: it was changed in the database. It is not handed out as evidence.</summary>
    public static RpcError ContentChanged(long index) =>
        new(
            StatusCode.DataLoss, "CONTENT_CHANGED",
            string.Create(CultureInfo.InvariantCulture, $"What is stored for entry {index} is not what was logged; nothing that needs it is exported."))
        {
            Metadata = new Dictionary<string, string> { ["log_index"] = index.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>There is no such audit, or none has begun yet.</summary>
    public static RpcError AuditNotFound(string name) =>
        new(StatusCode.NotFound, "AUDIT_NOT_FOUND", "There is no such audit.") { Metadata = new Dictionary<string, string> { ["name"] = name } };
}
