using Google.Rpc;
using Grpc.Core;

namespace Poc.Story.Stack;

/// <summary>What a service said when it did not do what it was asked.</summary>
/// <param name="Code">The gRPC status code.</param>
/// <param name="Reason">The stable reason of <c>google.rpc.ErrorInfo</c>; empty where none was sent.</param>
/// <param name="Message">For a reader.</param>
internal sealed record Refusal(StatusCode Code, string Reason, string Message)
{
    public static Refusal From(RpcException problem)
    {
        var info = problem.GetRpcStatus()?.GetDetail<ErrorInfo>();
        return new Refusal(problem.StatusCode, info?.Reason ?? "", problem.Status.Detail);
    }

    public override string ToString() => Reason.Length > 0 ? $"{Code} {Reason}" : Code.ToString();
}

/// <summary>The story cannot go on: an answer that it did not expect and cannot work with.</summary>
internal sealed class StoryStoppedException(string message, Exception? cause = null) : Exception(message, cause);
