using System.Diagnostics;
using Google.Rpc;
using Grpc.Core;
using Polly;
using Polly.Retry;

namespace Poc.Intake.Client;

/// <summary>
/// Calls until there is an answer. A call is repeated when Intake is away, when an attempt timed out, or when Intake refused it and said when to come back; every call
/// of this client may be repeated safely: filings carry an id, the others only read. Everything else is told at once.
/// </summary>
internal sealed class Attempts
{
    private static readonly ResiliencePropertyKey<long?> FirstFailure = new("first-failure");

    private readonly ResiliencePipeline _pipeline;

    /// <param name="patience">How long a call is repeated, from its first failure: a watch may have waited for days before it.</param>
    public Attempts(TimeSpan patience) =>
        _pipeline = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = TimeSpan.FromSeconds(10),
                // Not before Intake's word, where it gave one.
                DelayGenerator = static arguments => ValueTask.FromResult(PushbackOf(arguments.Outcome.Exception as RpcException)),
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is RpcException problem && IsPassing(problem) && SinceFirstFailure(arguments.Context) + (PushbackOf(problem) ?? TimeSpan.Zero) < patience),
            })
            .Build();

    /// <exception cref="IntakeException">Refused, or not to be had within the patience; it has the last refusal.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        try
        {
            return await _pipeline.ExecuteAsync(async scope => await attempt(scope.CancellationToken).ConfigureAwait(false), context).ConfigureAwait(false);
        }
        catch (RpcException problem) when (problem.StatusCode == StatusCode.Cancelled && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(problem.Message, problem, cancellation);
        }
        catch (RpcException problem)
        {
            throw new IntakeException(problem);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // Whether the same call may have another answer in a while.
    private static bool IsPassing(RpcException problem) => problem.StatusCode switch
    {
        StatusCode.Unavailable or StatusCode.DeadlineExceeded => true,
        StatusCode.ResourceExhausted => PushbackOf(problem) is not null,
        // Not Intake's word: the connection ended in good order under a call that had not, or its stream was reset by a server that stops.
        StatusCode.Internal or StatusCode.Cancelled => problem.Status.DebugException is HttpRequestException or IOException,
        _ => false,
    };

    private static TimeSpan SinceFirstFailure(ResilienceContext context)
    {
        var first = context.Properties.GetValue(FirstFailure, null) ?? Stopwatch.GetTimestamp();
        context.Properties.Set(FirstFailure, first);
        return Stopwatch.GetElapsedTime(first);
    }

    private static TimeSpan? PushbackOf(RpcException? problem) => problem?.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan();
}
