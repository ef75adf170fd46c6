using System.Globalization;
using Grpc.Core;
using Poc.Grpc;

namespace Poc.Intake;

/// <summary>Every error of Intake's own; those that any service has are in <see cref="CommonErrors"/>.</summary>
public static class IntakeErrors
{
    /// <summary>There is no such request, or it is another partner's: which of the two is not told.</summary>
    public static RpcError RequestNotFound(string name) => new(StatusCode.NotFound, "REQUEST_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>The archive does not have these statements. Have them archived, or leave them out; then file under the same request_id.</summary>
    public static RpcError CitedStatementUnknown(IEnumerable<string> names) =>
        new(StatusCode.NotFound, "CITED_STATEMENT_UNKNOWN", "The archive does not have every statement that is cited.")
        {
            Metadata = new Dictionary<string, string> { ["statements"] = string.Join(',', names) },
        };

    /// <summary>The archive cannot be asked whether the cited statements exist. Nothing was stored; send the same request again.</summary>
    public static RpcError ArchiveUnavailable(Exception cause) =>
        new(StatusCode.Unavailable, "ARCHIVE_UNAVAILABLE", "Statements are cited and the archive cannot be asked for them at the moment.", cause) { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The partner sent more than its quota of a class of methods. Nothing was done; send the same request again after the given time.</summary>
    public static RpcError QuotaExceeded(string partner, string methodClass, double perSecond, int burst, TimeSpan retryAfter) =>
        new(StatusCode.ResourceExhausted, "QUOTA_EXCEEDED", string.Create(CultureInfo.InvariantCulture, $"{partner} may make {perSecond:0.##} {methodClass} calls a second and {burst} at once."))
        {
            RetryAfter = retryAfter,
            Quota = new QuotaViolation(partner, string.Create(CultureInfo.InvariantCulture, $"{methodClass}: {perSecond:0.##} a second, {burst} at once")),
            Metadata = new Dictionary<string, string>
            {
                ["partner"] = partner,
                ["method_class"] = methodClass,
                ["requests_per_second"] = perSecond.ToString("0.##", CultureInfo.InvariantCulture),
                ["burst"] = burst.ToString(CultureInfo.InvariantCulture),
            },
        };

    /// <summary>An administrator has closed this class of methods to the partner.</summary>
    public static RpcError MethodClassDenied(string partner, string methodClass) =>
        new(StatusCode.PermissionDenied, "METHOD_CLASS_DENIED", $"{methodClass} methods are closed to {partner}.")
        {
            Metadata = new Dictionary<string, string> { ["partner"] = partner, ["method_class"] = methodClass },
        };

    /// <summary>The partner's API keys are for filing alone. Everything else takes a certificate.</summary>
    public static RpcError CertificateRequired(string partner, string methodClass) =>
        new(StatusCode.PermissionDenied, "CERTIFICATE_REQUIRED", $"API keys of {partner} are for filing alone: {methodClass} methods take a certificate.")
        {
            Metadata = new Dictionary<string, string> { ["partner"] = partner, ["method_class"] = methodClass },
        };

    /// <summary>More submissions wait for the database than this replica takes on. Nothing was stored; send the same request again.</summary>
    public static RpcError Overloaded() =>
        new(StatusCode.Unavailable, "OVERLOADED", "Too many submissions wait at the moment.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The request that should be taken back is answered, inadmissible or withdrawn already.</summary>
    public static RpcError RequestClosed(string name, string state) =>
        new(StatusCode.FailedPrecondition, "REQUEST_CLOSED", $"{name} cannot be taken back any more: it is {state}.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name, ["state"] = state },
        };

    /// <summary>A partner asked for another partner's requests.</summary>
    public static RpcError ParentForbidden() =>
        new(StatusCode.PermissionDenied, "PARENT_FORBIDDEN", "A partner lists its own requests only: leave parent empty, or name yourself.");

    /// <summary>There is a partner of that id already.</summary>
    public static RpcError PartnerExists(string name) => new(StatusCode.AlreadyExists, "PARTNER_EXISTS", $"{name} exists already.") { Metadata = Named(name) };

    /// <summary>There is no such partner.</summary>
    public static RpcError PartnerNotFound(string name) => new(StatusCode.NotFound, "PARTNER_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>There is a key of that id already, of this or another partner.</summary>
    public static RpcError ApiKeyExists(string id) =>
        new(StatusCode.AlreadyExists, "API_KEY_EXISTS", "This api_key_id was registered before. Make a new key with another id.")
        {
            Metadata = new Dictionary<string, string> { ["api_key_id"] = id },
        };

    /// <summary>The partner has as many active keys as it may have. Revoke one first.</summary>
    public static RpcError ApiKeyLimit(string partner, int limit) =>
        new(StatusCode.FailedPrecondition, "API_KEY_LIMIT", $"{partner} has {limit} active keys, which is the limit. Revoke one first.")
        {
            Metadata = new Dictionary<string, string> { ["partner"] = partner, ["limit"] = limit.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>There is no such key.</summary>
    public static RpcError ApiKeyNotFound(string name) => new(StatusCode.NotFound, "API_KEY_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>The certificate was registered before, and may be revoked. Make a new one.</summary>
    public static RpcError CertificateExists(string sha256) =>
        new(StatusCode.AlreadyExists, "CERTIFICATE_EXISTS", "This certificate was registered before. Make a new one, with a new key.")
        {
            Metadata = new Dictionary<string, string> { ["sha256"] = sha256 },
        };

    /// <summary>The partner has as many live certificates as it may have. Revoke one first.</summary>
    public static RpcError CertificateLimit(string partner, int limit) =>
        new(StatusCode.FailedPrecondition, "CERTIFICATE_LIMIT", $"{partner} has {limit} live certificates, which is the limit. Revoke one first.")
        {
            Metadata = new Dictionary<string, string> { ["partner"] = partner, ["limit"] = limit.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>There is no such certificate.</summary>
    public static RpcError CertificateNotFound(string name) => new(StatusCode.NotFound, "CERTIFICATE_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>
    /// The TLS client certificate was not accepted. The metadata says why: NOT_REGISTERED, REVOKED, NOT_YET_VALID or EXPIRED; whoever presents it has its private key and may know.
    /// </summary>
    public static RpcError CertificateInvalid(string problem) =>
        new(StatusCode.Unauthenticated, "CERTIFICATE_INVALID", $"The client certificate was not accepted: {problem}.")
        {
            Metadata = new Dictionary<string, string> { ["problem"] = problem },
        };

    /// <summary>There is no such attachment, or it is another partner's: which of the two is not told.</summary>
    public static RpcError AttachmentNotFound(string name) => new(StatusCode.NotFound, "ATTACHMENT_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>The data does not begin where the upload stands. Go on at the offset in the metadata.</summary>
    public static RpcError AttachmentOffsetMismatch(string name, long expected) =>
        new(StatusCode.Aborted, "ATTACHMENT_OFFSET_MISMATCH", string.Create(CultureInfo.InvariantCulture, $"{name} has {expected} bytes: go on at that offset."))
        {
            Metadata = new Dictionary<string, string> { ["name"] = name, ["expected_offset"] = expected.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>The attachment takes no more bytes, or has none any more; the metadata has its state. Announce the file anew.</summary>
    public static RpcError AttachmentClosed(string name, string state) =>
        new(StatusCode.FailedPrecondition, "ATTACHMENT_CLOSED", $"{name} is {state}.") { Metadata = new Dictionary<string, string> { ["name"] = name, ["state"] = state } };

    /// <summary>Bytes of the attachment are missing. Send the rest, from the offset in the metadata, and finish it again.</summary>
    public static RpcError AttachmentIncomplete(string name, long received, long size) =>
        new(StatusCode.FailedPrecondition, "ATTACHMENT_INCOMPLETE", string.Create(CultureInfo.InvariantCulture, $"{name} has {received} of {size} bytes."))
        {
            Metadata = new Dictionary<string, string>
            {
                ["name"] = name,
                ["received_bytes"] = received.ToString(CultureInfo.InvariantCulture),
                ["size_bytes"] = size.ToString(CultureInfo.InvariantCulture),
            },
        };

    /// <summary>What arrived is not what was announced: its SHA-256 is another. The bytes are dropped; announce the file anew.</summary>
    public static RpcError AttachmentHashMismatch(string name, string announced, string received) =>
        new(StatusCode.FailedPrecondition, "ATTACHMENT_HASH_MISMATCH", $"The bytes of {name} have another SHA-256 than was announced.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name, ["announced_sha256"] = announced, ["received_sha256"] = received },
        };

    /// <summary>The file is a program, whatever its stated type: those are not taken. The bytes are dropped. To give one as evidence, pack it into an archive file.</summary>
    public static RpcError AttachmentTypeRefused(string name, string sniffed) =>
        new(StatusCode.FailedPrecondition, "ATTACHMENT_TYPE_REFUSED", $"{name} is a program.") { Metadata = new Dictionary<string, string> { ["name"] = name, ["sniffed_media_type"] = sniffed } };

    /// <summary>A request names an attachment that is not COMPLETE: unfinished, refused, expired, or part of another request. The metadata has its state.</summary>
    public static RpcError AttachmentNotReady(string name, string state) =>
        new(StatusCode.FailedPrecondition, "ATTACHMENT_NOT_READY", $"{name} is {state}, not COMPLETE.") { Metadata = new Dictionary<string, string> { ["name"] = name, ["state"] = state } };

    /// <summary>The attachments of one request are too large together. Nothing was stored; file the rest as EVIDENCE.</summary>
    public static RpcError AttachmentsTooLarge(long maximum) =>
        new(StatusCode.FailedPrecondition, "ATTACHMENTS_TOO_LARGE", string.Create(CultureInfo.InvariantCulture, $"The attachments of one request may have {maximum} bytes together."))
        {
            Metadata = new Dictionary<string, string> { ["maximum_bytes"] = maximum.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>The partner has announced more bytes than it may without naming them in a request. File what is complete, or wait until it expires.</summary>
    public static RpcError AttachmentStorageFull(long maximum) =>
        new(StatusCode.ResourceExhausted, "ATTACHMENT_STORAGE_FULL", string.Create(CultureInfo.InvariantCulture, $"Attachments that no request names may have {maximum} bytes together."))
        {
            Metadata = new Dictionary<string, string> { ["maximum_bytes"] = maximum.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>There is no such operation, its time is over, or it is another partner's: which of them is not told.</summary>
    public static RpcError OperationNotFound(string name) => new(StatusCode.NotFound, "OPERATION_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>The operation is done: it cannot be cancelled any more.</summary>
    public static RpcError OperationDone(string name) => new(StatusCode.FailedPrecondition, "OPERATION_DONE", $"{name} is done.") { Metadata = Named(name) };

    /// <summary>The operation has no result: it runs, or was cancelled; the metadata has its state. Wait for it.</summary>
    public static RpcError OperationNotDone(string name, string state) =>
        new(StatusCode.FailedPrecondition, "OPERATION_NOT_DONE", $"{name} is {state}.") { Metadata = new Dictionary<string, string> { ["name"] = name, ["state"] = state } };

    /// <summary>An export of the partner runs, whose name is in the metadata. Wait for it, or cancel it.</summary>
    public static RpcError ExportRunning(string name) => new(StatusCode.FailedPrecondition, "EXPORT_RUNNING", $"{name} runs already.") { Metadata = Named(name) };

    /// <summary>There is no such import, or it is another partner's: which of the two is not told.</summary>
    public static RpcError ImportNotFound(string name) => new(StatusCode.NotFound, "IMPORT_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>The import has a stored request at that place, which came of another item. Send a new filing under a new place.</summary>
    public static RpcError ImportItemChanged(int index) =>
        new(StatusCode.AlreadyExists, "IMPORT_ITEM_CHANGED", string.Create(CultureInfo.InvariantCulture, $"Item {index} of this import is stored, and was another filing."))
        {
            Metadata = new Dictionary<string, string> { ["index"] = index.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>
    /// There is no key to seal a requester's identity with, or the key it was sealed with is not configured any more. Nothing was stored. An administrator configures
    /// RequesterSealing; without a requester the same request can be filed now.
    /// </summary>
    public static RpcError SealingKeyMissing() => new(StatusCode.FailedPrecondition, "SEALING_KEY_MISSING", "There is no key for the seal on requesters' identities.");

    /// <summary>
    /// The replica is configured to seal with a key that was taken out of use. Nothing was stored. An administrator configures RequesterSealing with a key that is not retired; without a
    /// requester the same request can be filed now.
    /// </summary>
    public static RpcError SealingKeyRetired(string name) => new(StatusCode.FailedPrecondition, "SEALING_KEY_RETIRED", $"{name} is retired.") { Metadata = Named(name) };

    /// <summary>Nothing was ever sealed with a key of that name.</summary>
    public static RpcError SealingKeyNotFound(string name) => new(StatusCode.NotFound, "SEALING_KEY_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>
    /// The key cannot be retired: seals are under it, whose number is in the metadata, or more are to come under it, because it is the current key or old seals are being wrapped under it.
    /// Make another key the current one, wrap the seals anew (RewrapRequesters), and retire it then.
    /// </summary>
    public static RpcError SealingKeyInUse(string name, long seals) =>
        new(StatusCode.FailedPrecondition, "SEALING_KEY_IN_USE", string.Create(CultureInfo.InvariantCulture, $"{name} is in use: {seals} seals are under it."))
        {
            Metadata = new Dictionary<string, string> { ["name"] = name, ["seals"] = seals.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>The partner did not say who stands behind the request.</summary>
    public static RpcError RequesterNotSealed(string name) =>
        new(StatusCode.NotFound, "REQUESTER_NOT_SEALED", $"{name} came without a requester.") { Metadata = Named(name) };

    /// <summary>The request names its subject: there is nothing to match.</summary>
    public static RpcError SubjectNamed(string name) => new(StatusCode.FailedPrecondition, "SUBJECT_NAMED", $"{name} does not describe a person.") { Metadata = Named(name) };

    /// <summary>Review has nobody of that name on record, or that has not arrived here yet. Put the person on record first, or try again in a moment.</summary>
    public static RpcError SubjectUnknownHere(string subject) => new(StatusCode.NotFound, "SUBJECT_UNKNOWN_HERE", $"{subject} is not known here.") { Metadata = Named(subject) };

    /// <summary>Somebody has said whom the request is about already; that is not edited.</summary>
    public static RpcError SubjectAlreadyConfirmed(string name) =>
        new(StatusCode.AlreadyExists, "SUBJECT_ALREADY_CONFIRMED", $"It was said already whom {name} is about.") { Metadata = Named(name) };

    /// <summary>There is no such person on the register, or they speak for another subject than the request's.</summary>
    public static RpcError SpeakerNotFound(string name) => new(StatusCode.NotFound, "SPEAKER_NOT_FOUND", $"There is no {name} who speaks for this subject.") { Metadata = Named(name) };

    /// <summary>The person is not entitled to speak any more.</summary>
    public static RpcError SpeakerEnded(string name) => new(StatusCode.FailedPrecondition, "SPEAKER_ENDED", $"{name} is not entitled any more.") { Metadata = Named(name) };

    /// <summary>The request comes from a third party: nobody claims to speak for the subject in it.</summary>
    public static RpcError SpeakerClaimMissing(string name) =>
        new(StatusCode.FailedPrecondition, "SPEAKER_CLAIM_MISSING", $"In {name} nobody claims to speak for the subject.") { Metadata = Named(name) };

    /// <summary>The person has no registered channel of this kind: ask by the other one.</summary>
    public static RpcError SpeakerChannelMissing(string name) => new(StatusCode.FailedPrecondition, "SPEAKER_CHANNEL_MISSING", $"{name} has no such channel.") { Metadata = Named(name) };

    /// <summary>The channel was registered after the request came: whoever forged the one could have brought the other.</summary>
    public static RpcError SpeakerRegisteredLater(string name) =>
        new(StatusCode.FailedPrecondition, "SPEAKER_REGISTERED_LATER", $"{name} was registered after the request came.") { Metadata = Named(name) };

    /// <summary>No check waits for that code: it is wrong, or its time is over. It is not repeated: it is a secret.</summary>
    public static RpcError SpeakerCodeUnknown() => new(StatusCode.NotFound, "SPEAKER_CODE_UNKNOWN", "No check waits for that code.");

    /// <summary>There is no such incident.</summary>
    public static RpcError IncidentNotFound(string name) => new(StatusCode.NotFound, "INCIDENT_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>The incident is closed already; that is not edited.</summary>
    public static RpcError IncidentClosed(string name) => new(StatusCode.FailedPrecondition, "INCIDENT_CLOSED", $"{name} is closed already.") { Metadata = Named(name) };

    /// <summary>The request describes a person, and nobody has said yet who it is; see ConfirmSubject.</summary>
    public static RpcError SubjectUnconfirmed(string name) =>
        new(StatusCode.FailedPrecondition, "SUBJECT_UNCONFIRMED", $"It is not said yet whom {name} is about.") { Metadata = Named(name) };

    /// <summary>There is no such campaign, or it holds no request of the partner's: which of the two is not told.</summary>
    public static RpcError CampaignNotFound(string name) => new(StatusCode.NotFound, "CAMPAIGN_NOT_FOUND", $"There is no {name}.") { Metadata = Named(name) };

    /// <summary>The partner declared a template of that id already; templates are never changed. Declare another one.</summary>
    public static RpcError TemplateExists(string name) => new(StatusCode.AlreadyExists, "TEMPLATE_EXISTS", $"{name} exists already.") { Metadata = Named(name) };

    /// <summary>The partner has declared as many templates as it may.</summary>
    public static RpcError TemplateLimit(int limit) =>
        new(StatusCode.FailedPrecondition, "TEMPLATE_LIMIT", string.Create(CultureInfo.InvariantCulture, $"A partner may declare {limit} templates."))
        {
            Metadata = new Dictionary<string, string> { ["limit"] = limit.ToString(CultureInfo.InvariantCulture) },
        };

    private static Dictionary<string, string> Named(string name) => new() { ["name"] = name };
}
