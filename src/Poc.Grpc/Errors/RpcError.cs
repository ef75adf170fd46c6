using System.Diagnostics.CodeAnalysis;
using Grpc.Core;

namespace Poc.Grpc;

/// <summary>
/// A refusal or failure that a caller is told of. Slices throw it from the factories in <c>&lt;Service&gt;Errors</c>; <see cref="CallBoundary"/> turns it into
/// a status with <c>google.rpc.ErrorInfo</c> (AIP-193). Everything in it is public: no SQL, no driver text, no personal data.
/// </summary>
/// <param name="code">The gRPC status code.</param>
/// <param name="reason">What programs test: UPPER_SNAKE_CASE, at most 63 characters, stable between versions.</param>
/// <param name="message">What a developer on the other side reads: what went wrong and what to do about it.</param>
/// <param name="cause">What led to it; logged, never sent.</param>
[SuppressMessage("Naming", "CA1710", Justification = "It is thrown in one place and is an error in all others.")]
public sealed class RpcError(StatusCode code, string reason, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The domain of every reason of this system.</summary>
    public const string Domain = "poc";

    /// <summary>The gRPC status code.</summary>
    public StatusCode Code { get; } = code;

    /// <summary>What programs test, together with <see cref="Domain"/>.</summary>
    public string Reason { get; } = reason;

    /// <summary>Values that the message speaks of, by snake_case key: the resource's name, a limit.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The request's fields that are wrong; sent as <c>google.rpc.BadRequest</c>.</summary>
    public IReadOnlyList<FieldViolation> FieldViolations { get; init; } = [];

    /// <summary>
    /// When it makes sense to come back; sent as <c>google.rpc.RetryInfo</c> and as the trailer <c>grpc-retry-pushback-ms</c>, the one grpc-dotnet honours.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The quota that is used up; sent as <c>google.rpc.QuotaFailure</c>.</summary>
    public QuotaViolation? Quota { get; init; }
}

/// <summary>A quota that is used up.</summary>
/// <param name="Subject">Whose, e.g. <c>partners/amnesty</c>.</param>
/// <param name="Description">What of, and how much there is.</param>
public readonly record struct QuotaViolation(string Subject, string Description);

/// <summary>One wrong field of a request.</summary>
/// <param name="Field">Path in the proto's own names, e.g. <c>request.cited_statements[2].name</c>.</param>
/// <param name="Description">What is wrong and what would be right; never the value itself, which may be personal.</param>
public readonly record struct FieldViolation(string Field, string Description);
