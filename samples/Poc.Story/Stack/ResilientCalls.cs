using Grpc.Core;
using Poc.Story.Telling;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Poc.Story.Stack;

/// <summary>
/// The one way in which the story calls a service: UNAVAILABLE, a missed deadline, a broken connection and a used-up quota are tried again with the very same
/// message, request id included, for up to 90 s; so a service may be killed and restarted at any time. Whatever else a service answers is its answer.
/// </summary>
internal sealed class ResilientCalls
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_attempt = TimeSpan.FromSeconds(15);
    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline _pipeline;
    private int _retries;

    public ResilientCalls(TimeProvider clock, Narrator narrator)
    {
        _clock = clock;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddTimeout(new TimeoutStrategyOptions { Timeout = Patience })
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<RpcException>(IsPassing),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(2),
                UseJitter = true,
                DelayGenerator = static retry => ValueTask.FromResult(retry.Outcome.Exception is RpcException problem ? Pushback(problem) : null),
                OnRetry = retry =>
                {
                    // One line for each outage, not one for each attempt of each of many concurrent calls.
                    if (Interlocked.Increment(ref _retries) % 25 == 1 && retry.Outcome.Exception is RpcException problem)
                    {
                        narrator.Aside($"a service does not answer ({Refusal.From(problem)}): trying again with the same request id");
                    }

                    return default;
                },
            })
            .Build();
    }

    /// <summary>How many calls were tried again so far.</summary>
    public int Retries => _retries;

    /// <summary>Calls the method until it answers.</summary>
    /// <exception cref="RpcException">The service's answer is an error that does not pass by itself.</exception>
    /// <exception cref="StoryStoppedException">Nothing answered within <see cref="Patience"/>.</exception>
    public async Task<TResponse> AskAsync<TRequest, TResponse>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> method, TRequest request, Metadata headers, CancellationToken cancellation)
    {
        RpcException? last = null;
        try
        {
            return await _pipeline.ExecuteAsync(
                async token =>
                {
                    try
                    {
                        return await method(request, new CallOptions(headers, _clock.GetUtcNow().UtcDateTime + s_attempt, token));
                    }
                    catch (RpcException problem)
                    {
                        last = token.IsCancellationRequested ? last : problem;
                        throw;
                    }
                },
                cancellation);
        }
        catch (Exception problem) when (!cancellation.IsCancellationRequested && (problem is TimeoutRejectedException || problem is RpcException { StatusCode: StatusCode.Cancelled }))
        {
            var heard = last is null ? "nothing" : $"{Refusal.From(last)} {last.Status.Detail}";
            throw new StoryStoppedException($"{method.Method.Name} was not answered for {Patience.TotalSeconds:0} s; the last that was heard: {heard}", problem);
        }
    }

    /// <summary>Whether the trouble is with the way to the service rather than with what was asked.</summary>
    public static bool IsPassing(RpcException problem) => problem.StatusCode switch
    {
        StatusCode.Unavailable or StatusCode.DeadlineExceeded => true,
        StatusCode.ResourceExhausted => Pushback(problem) is not null,
        // How grpc-dotnet reports a connection that breaks in the middle of an answer.
        StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled => problem.Status.DebugException is HttpRequestException or IOException,
        _ => false,
    };

    private static TimeSpan? Pushback(RpcException problem) =>
        int.TryParse(problem.Trailers.GetValue("grpc-retry-pushback-ms"), out var milliseconds) && milliseconds >= 0 ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, 5000)) : null;
}
