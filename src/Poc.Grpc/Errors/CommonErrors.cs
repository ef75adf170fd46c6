using System.Globalization;
using Grpc.Core;

namespace Poc.Grpc;

/// <summary>The errors that any method of any service may answer with. Each service adds its own in <c>&lt;Service&gt;Errors</c>.</summary>
public static class CommonErrors
{
    /// <summary>Fields of the request are missing or wrong; correct them, a retry as it is fails again.</summary>
    public static RpcError FieldInvalid(IReadOnlyList<FieldViolation> violations) =>
        new(StatusCode.InvalidArgument, "FIELD_INVALID", violations.Count == 1
            ? $"{violations[0].Field}: {violations[0].Description}"
            : $"{violations.Count} fields are invalid; see google.rpc.BadRequest.")
        {
            FieldViolations = violations,
        };

    /// <summary>One field of the request is missing or wrong.</summary>
    public static RpcError FieldInvalid(string field, string description) => FieldInvalid([new FieldViolation(field, description)]);

    /// <summary>The page token is not one that this method issued for these arguments; start again without it.</summary>
    public static RpcError PageTokenInvalid() =>
        new(StatusCode.InvalidArgument, "PAGE_TOKEN_INVALID", "page_token was not issued for these arguments. Start again with an empty page_token.")
        {
            FieldViolations = [new FieldViolation("page_token", "must be a next_page_token of the same method with the same other arguments")],
        };

    /// <summary>The message is not valid protobuf of the method's request type, or not readable under its declared compression.</summary>
    /// <param name="detail">What about it, in words of the format; nothing of ours.</param>
    /// <param name="cause">Logged, never sent.</param>
    public static RpcError MessageMalformed(string? detail = null, Exception? cause = null) =>
        new(StatusCode.InvalidArgument, "MESSAGE_MALFORMED", $"The request could not be decoded as the method's request message{(detail is null ? "" : ": ")}{detail?.TrimEnd('.')}.", cause);

    /// <summary>A message is larger than the server takes.</summary>
    public static RpcError MessageTooLarge(int maximumBytes, Exception? cause = null) =>
        new(StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE", $"A message may have at most {maximumBytes} bytes after decompression.", cause)
        {
            Metadata = new Dictionary<string, string> { ["maximum_bytes"] = maximumBytes.ToString(CultureInfo.InvariantCulture) },
        };

    /// <summary>The method needs a credential and the call carries none.</summary>
    public static RpcError CredentialMissing() =>
        new(StatusCode.Unauthenticated, "CREDENTIAL_MISSING", "This method needs a credential: 'authorization: Bearer <token>' or 'x-api-key: <key>'.");

    /// <summary>The credential is unknown, malformed, expired, revoked or meant for somebody else. Which of these is for the log, not for the caller.</summary>
    public static RpcError CredentialInvalid() =>
        new(StatusCode.Unauthenticated, "CREDENTIAL_INVALID",
            "The credential was not accepted: it is unknown, malformed, expired, revoked or meant for another audience.");

    /// <summary>The caller is known and does not have a role that the method asks for. Checked before anything is looked up.</summary>
    public static RpcError RoleMissing(IReadOnlyCollection<string> allowed) =>
        new(StatusCode.PermissionDenied, "ROLE_MISSING", $"This method is for: {string.Join(", ", allowed.Order(StringComparer.Ordinal))}.")
        {
            Metadata = new Dictionary<string, string> { ["allowed_roles"] = string.Join(',', allowed.Order(StringComparer.Ordinal)) },
        };

    /// <summary>The method names nobody who may call it (it lacks <see cref="AllowAttribute"/>), so nobody may.</summary>
    public static RpcError MethodClosed() =>
        new(StatusCode.PermissionDenied, "METHOD_CLOSED", "This method is open to nobody.");

    /// <summary>There is no such method on this server.</summary>
    public static RpcError MethodUnknown() =>
        new(StatusCode.Unimplemented, "METHOD_UNKNOWN", "This server has no such service or method.");

    /// <summary>The request id was used before, for another request. Take a new id for a new request.</summary>
    public static RpcError RequestIdReused(string requestId) =>
        new(StatusCode.AlreadyExists, "REQUEST_ID_REUSED", "request_id was used before for a different request. A new request takes a new id.")
        {
            Metadata = new Dictionary<string, string> { ["request_id"] = requestId },
        };

    /// <summary>The resource was changed since the caller read it (AIP-154); read it again, then decide again.</summary>
    public static RpcError EtagMismatch(string name) =>
        new(StatusCode.Aborted, "ETAG_MISMATCH", $"{name} was changed since its etag was read.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>The database does not answer. Nothing was acknowledged; the same request, with the same request_id, may be sent again.</summary>
    public static RpcError DatabaseUnavailable(Exception? cause = null) =>
        new(StatusCode.Unavailable, "DATABASE_UNAVAILABLE", "The service cannot reach its database at the moment.", cause)
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    /// <summary>Another service that this answer needs does not answer.</summary>
    /// <param name="service">Its name, e.g. "archive".</param>
    /// <param name="cause">Logged, never sent.</param>
    public static RpcError DependencyUnavailable(string service, Exception? cause = null) =>
        new(StatusCode.Unavailable, "DEPENDENCY_UNAVAILABLE", $"The service '{service}' that this answer needs is not available at the moment.", cause)
        {
            RetryAfter = TimeSpan.FromSeconds(1),
            Metadata = new Dictionary<string, string> { ["service"] = service },
        };

    /// <summary>The staff's OpenID provider does not answer, so that its tokens cannot be checked.</summary>
    public static RpcError IdentityProviderUnavailable(Exception? cause = null) =>
        new(StatusCode.Unavailable, "IDENTITY_PROVIDER_UNAVAILABLE", "Staff credentials cannot be checked at the moment.", cause)
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    /// <summary>The messages of the caller's calls in progress take too much memory together, or those of all callers. Nothing was done; send it again when others have their answer.</summary>
    public static RpcError TooMuchAtOnce() =>
        new(StatusCode.ResourceExhausted, "TOO_MUCH_AT_ONCE", "Too many large messages are on their way at once. Send fewer at a time.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The message's compression (<c>grpc-encoding</c>) is not one that this server reads.</summary>
    public static RpcError EncodingUnknown() =>
        new(StatusCode.Unimplemented, "ENCODING_UNKNOWN", "This server reads messages that are not compressed or compressed with gzip or deflate.");

    /// <summary>The server is stopping; another replica, or this one after its restart, takes the call.</summary>
    public static RpcError ShuttingDown(Exception? cause = null) =>
        new(StatusCode.Unavailable, "SHUTTING_DOWN", "This server is stopping.", cause) { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The call's time ran out. A write may have happened: send it again with the same request_id to learn its outcome.</summary>
    public static RpcError DeadlineExceeded(Exception? cause = null) =>
        new(StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED",
            "The deadline passed before the answer was ready. Repeat a write with the same request_id.", cause);

    /// <summary>The client of a stream sent no whole message for too long. What it had sent before counts as the method says; a new call goes on from there.</summary>
    /// <param name="after">The longest silence.</param>
    /// <param name="cause">Logged, never sent.</param>
    public static RpcError StreamSilent(TimeSpan after, Exception? cause = null) =>
        new(StatusCode.DeadlineExceeded, "STREAM_SILENT", string.Create(CultureInfo.InvariantCulture, $"No whole message came on this stream for {after.TotalSeconds:0.###} s."), cause);

    /// <summary>The caller gave the call up.</summary>
    public static RpcError Cancelled(Exception? cause = null) =>
        new(StatusCode.Cancelled, "CANCELLED", "The caller cancelled the call.", cause);

    /// <summary>A fault of ours. The trace id finds it in our logs; it is all that may be said.</summary>
    public static RpcError Internal(string traceId, Exception? cause = null) =>
        new(StatusCode.Internal, "INTERNAL", $"The service failed. Quote trace id {traceId} when reporting this.", cause)
        {
            Metadata = new Dictionary<string, string> { ["trace_id"] = traceId },
        };
}
