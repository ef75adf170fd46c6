using System.Diagnostics;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Poc.Postgres;

namespace Poc.Grpc;

/// <summary>The one place where an exception becomes an answer. What is not known by its type is a fault of ours: logged whole, told as a trace id.</summary>
internal sealed class Failures(IHostApplicationLifetime lifetime, ILogger<Failures> logger)
{
    /// <param name="problem">What ended the method.</param>
    /// <param name="method">Full name of the method, for the log.</param>
    /// <param name="call">The HTTP request behind the call.</param>
    /// <param name="context">The call, once the method was reached.</param>
    public RpcError Describe(Exception problem, string method, HttpContext call, ServerCallContext? context = null)
    {
        var cancellation = context?.CancellationToken ?? call.RequestAborted;
        // gRPC measures deadlines by the machine's clock, whatever clock the service goes by.
        var late = context?.Deadline <= TimeProvider.System.GetUtcNow().UtcDateTime || call.Features.Get<JsonDeadline>() is { HasPassed: true };
        var error = problem switch
        {
            RpcError known => known,
            _ when cancellation.IsCancellationRequested => late ? CommonErrors.DeadlineExceeded(problem) : CommonErrors.Cancelled(problem),
            OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested => CommonErrors.ShuttingDown(problem),
            _ when Transience.IsTransient(problem) => CommonErrors.DatabaseUnavailable(problem),
            RpcException { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded } => CommonErrors.DependencyUnavailable("another service", problem),
            _ => CommonErrors.Internal(TraceId(call), problem),
        };
        Log(error, method, TraceId(call));
        Activity.Current?.SetTag("error.type", error.Reason);
        return error;
    }

    public static string TraceId(HttpContext call) => Activity.Current?.TraceId.ToString() ?? call.TraceIdentifier;

    private void Log(RpcError error, string method, string traceId)
    {
        var level = error.Code switch
        {
            StatusCode.Internal or StatusCode.Unknown or StatusCode.DataLoss => LogLevel.Error,
            StatusCode.Unavailable => LogLevel.Warning,
            _ => LogLevel.Information,
        };

        // A refusal that a slice decided on needs no stack; what came from elsewhere does.
        var stack = level == LogLevel.Information ? null : error.InnerException;
        logger.Log(level, stack, "{Method} ended with {Code} {Reason}, trace {TraceId}", method, error.Code, error.Reason, traceId);
    }
}
