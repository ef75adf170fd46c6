using Google.Rpc;
using Grpc.Core;

namespace Poc.Intake.Client;

/// <summary>A field of the message that Intake does not take, and why.</summary>
/// <param name="Field">Path of the field as the proto names it, for example <c>request.links[0]</c>.</param>
/// <param name="Description">What is wrong with it.</param>
public sealed record FieldViolation(string Field, string Description);

/// <summary>Intake refused a call, or could not be reached for as long as the caller's patience lasts.</summary>
public sealed class IntakeException : Exception
{
    internal IntakeException(RpcException cause)
        : base(Describe(cause), cause)
    {
        StatusCode = cause.StatusCode;
        var status = cause.GetRpcStatus();
        var info = status?.GetDetail<ErrorInfo>();
        Reason = info?.Reason ?? "";
        Metadata = info?.Metadata.ToDictionary(StringComparer.Ordinal) ?? [];
        Violations = [.. (status?.GetDetail<BadRequest>()?.FieldViolations ?? []).Select(static violation => new FieldViolation(violation.Field, violation.Description))];
    }

    /// <summary>gRPC's code: what kind of refusal it is.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>The reason as a stable code, for example <c>REQUEST_ID_REUSED</c>; empty where the answer did not come from Intake (a network, a proxy).</summary>
    public string Reason { get; }

    /// <summary>Particulars of the reason.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Every field that is wrong, all at once; empty unless the code is INVALID_ARGUMENT.</summary>
    public IReadOnlyList<FieldViolation> Violations { get; }

    private static string Describe(RpcException cause)
    {
        var status = cause.GetRpcStatus();
        var reason = status?.GetDetail<ErrorInfo>()?.Reason;
        var violations = status?.GetDetail<BadRequest>()?.FieldViolations.Select(static violation => $"{Environment.NewLine}  {violation.Field}: {violation.Description}") ?? [];
        return $"{cause.StatusCode}{(reason is null ? "" : $" ({reason})")}: {cause.Status.Detail}{string.Concat(violations)}";
    }
}
