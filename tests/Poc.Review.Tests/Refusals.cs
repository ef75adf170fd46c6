using Google.Rpc;
using Grpc.Core;

namespace Poc.Review.Tests;

/// <summary>Reads a refusal as a client would.</summary>
internal static class Refusals
{
    public static async Task<RpcException> RefusedAsync(this Task call, StatusCode code, string reason)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.True(refusal.StatusCode == code, $"{refusal.Status}");
        Assert.Equal(("poc", reason), (refusal.Info().Domain, refusal.Info().Reason));
        return refusal;
    }

    public static Task<RpcException> RefusedAsync<T>(this AsyncUnaryCall<T> call, StatusCode code, string reason) =>
        call.ResponseAsync.RefusedAsync(code, reason);

    public static ErrorInfo Info(this RpcException refusal) =>
        refusal.GetRpcStatus()?.GetDetail<ErrorInfo>() ?? throw new InvalidOperationException($"{refusal.Status} carries no ErrorInfo.");

    public static IEnumerable<string> WrongFields(this RpcException refusal) =>
        refusal.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Select(static violation => violation.Field);
}
