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

    /// <summary>The partner sent more than its quota. Nothing was stored; send the same request again after the given time.</summary>
    public static RpcError QuotaExceeded(string partner, double perSecond, int burst, TimeSpan retryAfter) =>
        new(StatusCode.ResourceExhausted, "QUOTA_EXCEEDED", string.Create(CultureInfo.InvariantCulture, $"{partner} may submit {perSecond:0.##} requests a second and {burst} at once."))
        {
            RetryAfter = retryAfter,
            Metadata = new Dictionary<string, string>
            {
                ["partner"] = partner,
                ["requests_per_second"] = perSecond.ToString("0.##", CultureInfo.InvariantCulture),
                ["burst"] = burst.ToString(CultureInfo.InvariantCulture),
            },
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

    private static Dictionary<string, string> Named(string name) => new() { ["name"] = name };
}
