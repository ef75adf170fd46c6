using System.Net.Sockets;
using Grpc.Core;
using Npgsql;

namespace Poc.Grpc.Tests;

/// <summary>The service behind the tests: fails, waits and answers as it is told.</summary>
public sealed class Probe(ProbeState state) : ProbeService.ProbeServiceBase
{
    public const string Secret = "canary-7d1f";

    [Allow(Roles.Anonymous)]
    public override Task<ProbeResponse> Echo(ProbeRequest request, ServerCallContext context) => Answer(request, context);

    [Allow(Roles.Reviewer, Roles.PanelChair)]
    public override Task<ProbeResponse> EchoForReviewers(ProbeRequest request, ServerCallContext context) => Answer(request, context);

    [Allow(Roles.Partner)]
    public override Task<ProbeResponse> EchoForPartners(ProbeRequest request, ServerCallContext context) => Answer(request, context);

    [Allow(Roles.ServiceReview)]
    public override Task<ProbeResponse> EchoForReview(ProbeRequest request, ServerCallContext context) => Answer(request, context);

    public override Task<ProbeResponse> EchoForNobody(ProbeRequest request, ServerCallContext context) => Answer(request, context);

    [Allow(Roles.Anonymous)]
    public override async Task<ProbeResponse> Fail(ProbeRequest request, ServerCallContext context)
    {
        state.Count();
        await FailAsync(request.Text, context);
        return new ProbeResponse();
    }

    [Allow(Roles.Anonymous)]
    public override async Task FailInStream(ProbeRequest request, IServerStreamWriter<ProbeResponse> responseStream, ServerCallContext context)
    {
        await responseStream.WriteAsync(new ProbeResponse { Text = "first" });
        await FailAsync(request.Text, context);
    }

    [Allow(Roles.Reviewer)]
    public override async Task Chat(IAsyncStreamReader<ProbeRequest> requestStream, IServerStreamWriter<ProbeResponse> responseStream, ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(await Answer(request, context));
        }
    }

    [Allow(Roles.Reviewer)]
    public override async Task<ProbeResponse> Gather(IAsyncStreamReader<ProbeRequest> requestStream, ServerCallContext context)
    {
        var texts = new List<string>();
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            if (request.Text == "refuse")
            {
                throw CommonErrors.EtagMismatch("streams/1");
            }

            texts.Add(request.Text);
        }

        return new ProbeResponse { Text = string.Concat(texts), Caller = context.Caller().Id };
    }

    private static Task<ProbeResponse> Answer(ProbeRequest request, ServerCallContext context) =>
        Task.FromResult(new ProbeResponse { Text = request.Text, Caller = context.Caller().Id, Roles = { context.Caller().Roles.Order(StringComparer.Ordinal) } });

    private async Task FailAsync(string how, ServerCallContext context)
    {
        switch (how)
        {
            case "fields":
                new Violations().NotBlank("request.text", " ").Uuid("request_id", "7").MaxLength("request.text", Secret, 3).ThrowIfAny();
                break;
            case "etag":
                throw CommonErrors.EtagMismatch("decisions/7");
            case "retry":
                throw CommonErrors.DependencyUnavailable("archive");
            case "bug":
                throw new InvalidOperationException(Secret);
            case "sql":
                throw new PostgresException($"duplicate key {Secret}", "ERROR", "ERROR", PostgresErrorCodes.UniqueViolation);
            case "restart":
                throw new PostgresException("terminating connection due to administrator command", "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown);
            case "standby":
                throw new PostgresException("cannot execute INSERT in a read-only transaction", "ERROR", "ERROR", PostgresErrorCodes.ReadOnlySqlTransaction);
            case "refused":
                throw new NpgsqlException($"Failed to connect to 10.1.2.3:5432 {Secret}", new SocketException(111));
            case "dependency":
                throw new RpcException(new Status(StatusCode.Unavailable, Secret));
            case "denied-elsewhere":
                throw new RpcException(new Status(StatusCode.PermissionDenied, Secret));
            case "wait":
                state.Waiting.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
                break;
            case "ignore":
                await state.Release.Task;
                break;
            default:
                throw new ArgumentException(how);
        }
    }
}

/// <summary>What a test sees of the service, and by what it holds it.</summary>
public sealed class ProbeState
{
    private int _calls;

    /// <summary>How often a failing method was reached.</summary>
    public int Calls => _calls;

    public void Count() => Interlocked.Increment(ref _calls);

    /// <summary>Set when a call waits for its cancellation.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends calls that do not listen to their cancellation.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
