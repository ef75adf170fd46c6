using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Poc.Contracts.Intake.V1;

namespace Poc.Hammer;

/// <summary>What a measurement of the service found.</summary>
/// <param name="PerSecond">Acknowledged submissions a second.</param>
/// <param name="P50">Median time to an answer.</param>
/// <param name="P99">Time that 99 of 100 answers took at most.</param>
/// <param name="Acknowledged">Submissions answered OK.</param>
internal sealed record LoadResult(double PerSecond, TimeSpan P50, TimeSpan P99, long Acknowledged);

/// <summary>
/// Calls SubmitRequest from a number of concurrent callers, each sending its next as soon as it has its answer. The client runs on the same cores as what it measures,
/// so it is cheap: few connections, one prepared message of which only the request id changes, answers counted and not decoded.
/// </summary>
internal static class SubmitLoad
{
    private const int CallersOfConnection = 64;

    /// <summary>Text of each request: about the length of a short letter.</summary>
    public const string Text =
        "To whom it may concern. We ask you to take another look at this designation in the light of statements that have come to our attention and that are linked below. "
        + "We believe that they are not in keeping with the criteria which your organisation has published, and we would be grateful to learn what was known of them, when, and "
        + "how they were weighed. We write on behalf of our members, many of whom have asked us about this, and we would like to be able to answer them. We shall be glad to give "
        + "whatever further information may be of use. This text is synthetic and stands for no person's words.";

    private static readonly Method<byte[], byte[]> Submit = new(
        MethodType.Unary, IntakeService.Descriptor.FullName, "SubmitRequest", Marshallers.Create(static bytes => bytes, static bytes => bytes), Marshallers.Create(static bytes => bytes, static bytes => bytes));

    public static async Task<LoadResult> RunAsync(string address, IReadOnlyList<string> apiKeys, int callers, TimeSpan duration, CancellationToken cancellation)
    {
        var channels = Enumerable.Range(0, (callers + CallersOfConnection - 1) / CallersOfConnection).Select(_ => GrpcChannel.ForAddress(address)).ToList();
        try
        {
            var start = Stopwatch.GetTimestamp();
            var end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
            var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(() => CallAsync(channels[i / CallersOfConnection].CreateCallInvoker(), apiKeys[i % apiKeys.Count], end), cancellation)));
            var elapsed = Stopwatch.GetElapsedTime(start);
            var all = latencies.SelectMany(static times => times).Order().ToArray();
            return new LoadResult(all.Length / elapsed.TotalSeconds, Time(all[all.Length / 2]), Time(all[(int)(all.Length * 0.99)]), all.Length);
        }
        finally
        {
            channels.ForEach(static channel => channel.Dispose());
        }
    }

    /// <summary>
    /// Files one request until it is acknowledged: after UNAVAILABLE again with the same request id, as a partner's client does.
    /// </summary>
    /// <returns>The request id, and how often it was told UNAVAILABLE.</returns>
    public static async Task<(Guid RequestId, int Unavailable)> FileAsync(CallInvoker invoker, string apiKey, CancellationToken cancellation)
    {
        var message = Message(out var requestId);
        var options = new CallOptions(new Metadata { { "x-api-key", apiKey } }, cancellationToken: cancellation);
        for (var refused = 0; ; refused++)
        {
            try
            {
                using var call = invoker.AsyncUnaryCall(Submit, null, options, message);
                await call.ResponseAsync;
                return (requestId, refused);
            }
            catch (RpcException refusal) when (refusal.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
            }
        }
    }

    /// <summary>How long a paced load runs before its times count: until then it makes its connections.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Sends at a given rate, whatever the answers take: submission n is due at n / rate, and its time counts from then, so that a stall is seen by all that it delays.
    /// </summary>
    /// <param name="address">Intake's.</param>
    /// <param name="apiKeys">Taken in turn.</param>
    /// <param name="texts">Texts of the letters, one for each.</param>
    /// <param name="callers">Calls at once, at most.</param>
    /// <param name="rate">Submissions a second.</param>
    /// <param name="duration">How long, after <see cref="Lead"/>.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static async Task<LoadResult> RunPacedAsync(
        string address, IReadOnlyList<string> apiKeys, IReadOnlyList<string> texts, int callers, int rate, TimeSpan duration, CancellationToken cancellation)
    {
        var templates = texts.Select(Template).ToArray();
        using var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });
        var invoker = channel.CreateCallInvoker();
        var (lead, count) = ((long)(rate * Lead.TotalSeconds), (long)(rate * (Lead + duration).TotalSeconds));
        var start = Stopwatch.GetTimestamp();
        var next = -1L;
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
            async () =>
            {
                var times = new List<long>();
                for (var n = Interlocked.Increment(ref next); n < count; n = Interlocked.Increment(ref next))
                {
                    var due = start + (long)(n / (double)rate * Stopwatch.Frequency);
                    for (var early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due); early > TimeSpan.Zero; early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due))
                    {
                        await Task.Delay(early < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : early, cancellation);
                    }

                    var options = new CallOptions(new Metadata { { "x-api-key", apiKeys[(int)(n % apiKeys.Count)] } }, cancellationToken: cancellation);
                    using var call = invoker.AsyncUnaryCall(Submit, null, options, Message(templates[n], out var _));
                    await call.ResponseAsync;
                    if (n >= lead)
                    {
                        times.Add(Stopwatch.GetTimestamp() - due);
                    }
                }

                return times;
            },
            cancellation)));
        var elapsed = Stopwatch.GetElapsedTime(start) - Lead;
        var all = latencies.SelectMany(static times => times).Order().ToArray();
        return new LoadResult(all.Length / elapsed.TotalSeconds, Time(all[all.Length / 2]), Time(all[(int)(all.Length * 0.99)]), all.Length);
    }

    private static TimeSpan Time(long ticks) => TimeSpan.FromSeconds(ticks / (double)Stopwatch.Frequency);

    private static async Task<List<long>> CallAsync(CallInvoker invoker, string apiKey, long end)
    {
        var options = new CallOptions(new Metadata { { "x-api-key", apiKey } });
        var times = new List<long>(1 << 16);
        for (var from = Stopwatch.GetTimestamp(); from < end;)
        {
            using var call = invoker.AsyncUnaryCall(Submit, null, options, Message(out _));
            var answer = await call.ResponseAsync;
            var to = Stopwatch.GetTimestamp();
            if (answer.Length < Text.Length)
            {
                throw new InvalidOperationException("The answer is too short to hold the request.");
            }

            times.Add(to - from);
            from = to;
        }

        return times;
    }

    // The request id is the first field: tag, length 36, text.
    private static byte[] Message(out Guid requestId) => Message(_template, out requestId);

    private static byte[] Message(byte[] template, out Guid requestId)
    {
        var message = (byte[])template.Clone();
        Span<char> id = stackalloc char[36];
        requestId = Guid.NewGuid();
        requestId.TryFormat(id, out _);
        Encoding.ASCII.GetBytes(id, message.AsSpan(2));
        return message;
    }

    private static readonly byte[] _template = Template(Text);

    private static byte[] Template(string text) => new SubmitRequestRequest
    {
        RequestId = Guid.Empty.ToString(),
        Request = new Request
        {
            Kind = RequestKind.Delist,
            Subject = new SubjectReference { Subject = "subjects/synthetic" },
            Text = text,
            Language = "en",
            Links = { "https://example.org/a/video/that/is/linked" },
            Criteria = { "advocacy-of-violence" },
            Relation = Relation.ThirdParty,
            PartnerReference = "2021-01-0001",
            Synthetic = true,
        },
    }.ToByteArray();
}
