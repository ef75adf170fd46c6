using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;

namespace Poc.Grpc;

/// <summary>
/// The outermost interceptor: nothing passes without a caller, and whatever a method throws leaves as a rich status. It is in force for every gRPC method of
/// the server but health and reflection, whose answers are their protocols' own.
/// </summary>
internal sealed class CallBoundary(GrpcLimits limits, Failures failures) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, async () =>
        {
            var reader = new Reader<TRequest>(requestStream, limits);
            try
            {
                return await continuation(reader, context);
            }
            finally
            {
                await reader.DrainAsync(context.CancellationToken);
            }
        });

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, async () =>
        {
            await continuation(request, new Writer<TResponse>(responseStream, context.GetHttpContext(), limits), context);
            return true;
        });

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, async () =>
        {
            await continuation(new Reader<TRequest>(requestStream, limits), new Writer<TResponse>(responseStream, context.GetHttpContext(), limits), context);
            return true;
        });

    /// <summary>Whether the call came as far as here, so that its message was read.</summary>
    public static bool WasReached(HttpContext call) => call.Items.ContainsKey(typeof(CallBoundary));

    /// <summary>What the method ended with; null where it succeeded or goes on.</summary>
    public static RpcError? FailureOf(HttpContext call) => call.Items.TryGetValue(typeof(RpcError), out var error) ? (RpcError?)error : null;

    private async Task<T> GuardAsync<T>(ServerCallContext context, Func<Task<T>> method)
    {
        if (IsInfrastructure(context.Method))
        {
            return await method();
        }

        var call = context.GetHttpContext();
        call.Items[typeof(CallBoundary)] = true;
        try
        {
            if (call.Features.Get<Caller>() is null)
            {
                throw CommonErrors.MethodClosed();
            }

            return await method();
        }
        catch (Exception problem)
        {
            var error = failures.Describe(problem, context.Method, call, context);
            call.Items[typeof(RpcError)] = error;
            throw RichStatus.ToException(error);
        }
    }

    private static bool IsInfrastructure(string method) =>
        method.StartsWith("/grpc.health.v1.Health/", StringComparison.Ordinal) || method.StartsWith("/grpc.reflection.", StringComparison.Ordinal);

    // The messages of a stream are read inside the method: what is wrong with one of them is the caller's fault, not the method's.
    private sealed class Reader<T>(IAsyncStreamReader<T> messages, GrpcLimits limits) : IAsyncStreamReader<T>
    {
        // A refusal need not come at once; a sender that goes on regardless is cut off.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
        private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(1);

        private bool _ended;

        public T Current => messages.Current;

        /// <summary>
        /// Reads on, within reason, what the method did not read. A server that answers while its client still sends resets the stream, and a client that has more on its
        /// way then makes the server close the connection: every other call on it would fail with this one.
        /// </summary>
        public async Task DrainAsync(CancellationToken cancellation)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Patience);
            try
            {
                while (!_ended)
                {
                    using var silence = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
                    silence.CancelAfter(LongestSilence);
                    await MoveNext(silence.Token);
                }
            }
            catch (Exception problem) when (problem is OperationCanceledException or RpcException or RpcError)
            {
                // The answer does not depend on it.
            }
        }

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            // Set back only by a message: after an end or a failure there is nothing more to read.
            _ended = true;
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            silence.CancelAfter(limits.MaxSilence);
            try
            {
                _ended = !await messages.MoveNext(silence.Token);
                return !_ended;
            }
            catch (Exception problem) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested && problem is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
            {
                throw CommonErrors.StreamSilent(limits.MaxSilence, problem);
            }
            catch (RpcException problem) when (problem.StatusCode == StatusCode.ResourceExhausted)
            {
                throw CommonErrors.MessageTooLarge(limits.MaxMessageBytes, problem);
            }
            catch (Exception problem) when (problem is InvalidProtocolBufferException or RpcException { StatusCode: StatusCode.Internal })
            {
                throw CommonErrors.MessageMalformed(cause: problem);
            }
            catch (IOException problem)
            {
                // The caller reset the stream or is gone: no fault of the method.
                throw CommonErrors.Cancelled(problem);
            }
        }
    }

    // What the client does not take waits in memory, and with it the call.
    private sealed class Writer<T>(IServerStreamWriter<T> messages, HttpContext call, GrpcLimits limits) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => messages.WriteOptions;
            set => messages.WriteOptions = value;
        }

        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            try
            {
                await messages.WriteAsync(message, cancellationToken).WaitAsync(limits.MaxSilence, cancellationToken);
            }
            catch (TimeoutException problem)
            {
                // A status would wait behind the message that is not taken.
                call.Abort();
                throw CommonErrors.Cancelled(problem);
            }
        }
    }
}
