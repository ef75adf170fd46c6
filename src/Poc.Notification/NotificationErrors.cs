using Grpc.Core;
using Poc.Grpc;

namespace Poc.Notification;

/// <summary>What Notification refuses, beyond <see cref="CommonErrors"/>.</summary>
public static class NotificationErrors
{
    /// <summary>The id, or the member of staff, already has a recipient record; read it, or take another id.</summary>
    public static RpcError RecipientExists(string name) =>
        new(StatusCode.AlreadyExists, "RECIPIENT_EXISTS", $"{name}, or another recipient for the same member of staff, is already registered.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>Nobody is registered under that name; an administrator registers recipients.</summary>
    public static RpcError RecipientNotFound(string name) =>
        new(StatusCode.NotFound, "RECIPIENT_NOT_FOUND", $"{name} is not registered. An administrator registers recipients with CreateRecipient.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>There is no plan for that decision: none was prepared, and the decision is not signed or its signature has not arrived yet.</summary>
    public static RpcError PlanNotFound(string name) =>
        new(StatusCode.NotFound, "PLAN_NOT_FOUND", $"{name} does not exist: nothing was prepared and no signed decision has arrived.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>The decision is signed and people are being told; what is under way is changed by OverrideWave and EnterLeakMode alone.</summary>
    public static RpcError PlanStarted(string name) =>
        new(StatusCode.FailedPrecondition, "PLAN_STARTED", $"{name} has started and cannot be prepared any more.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>The decision is not signed yet, or its signature has not arrived; wait for the plan to be RUNNING.</summary>
    public static RpcError PlanNotStarted(string name) =>
        new(StatusCode.FailedPrecondition, "PLAN_NOT_STARTED", $"{name} has not started: its decision is not signed, or the signature has not arrived yet.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>All waves are open: there is nothing left to open.</summary>
    public static RpcError PlanCompleted(string name) =>
        new(StatusCode.FailedPrecondition, "PLAN_COMPLETED", $"All waves of {name} are open already.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name },
        };

    /// <summary>No message carried that reference, or the message has no approved text. It is not repeated: it is a secret, or somebody's mistake.</summary>
    public static RpcError ReferenceUnknown() =>
        new(StatusCode.NotFound, "REFERENCE_UNKNOWN", "There is nothing behind that reference. Copy it whole from the message.");
}
