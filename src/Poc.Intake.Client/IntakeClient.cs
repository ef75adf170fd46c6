using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Poc.Contracts.Intake.V1;

namespace Poc.Intake.Client;

/// <summary>
/// Intake as a partner organisation uses it. Safe for many calls at once; keep one for the life of the program. Calls are repeated while Intake is away or says to come
/// back later (<see cref="IntakeClientOptions.Patience"/>); a refusal is an <see cref="IntakeException"/>.
/// </summary>
public sealed class IntakeClient : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly Attempts _attempts;
    private readonly TimeSpan _attemptTimeout;

    /// <param name="options">Where Intake is and who calls it.</param>
    /// <exception cref="ArgumentException">The options contradict themselves, or would send a credential in the clear.</exception>
    public IntakeClient(IntakeClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _attemptTimeout = options.AttemptTimeout;
        _attempts = new Attempts(options.Patience);
        var handler = new SocketsHttpHandler
        {
            // A connection that died without a word is noticed, also by a watch that waits for days.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
        };
        if (options.Certificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        _channel = GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        Service = new IntakeService.IntakeServiceClient(options.ApiKey is { } apiKey
            ? _channel.Intercept(headers =>
            {
                headers.Add("x-api-key", apiKey);
                return headers;
            })
            : _channel.CreateCallInvoker());
    }

    /// <summary>The generated client with the caller's credential, for the methods that have no counterpart here. Its calls are not repeated, and end in RpcException.</summary>
    public IntakeService.IntakeServiceClient Service { get; }

    /// <summary>
    /// Files a request. When it returns, the request is on Intake's disk, and the receipt is proof of it: its SHA-256 has been compared with the text.
    /// </summary>
    /// <param name="requestId">
    /// Chosen by the partner once for each filing and kept beside it: after a crash, file again with the same id, and it is filed once. The same id with another
    /// request is refused (<c>REQUEST_ID_REUSED</c>).
    /// </param>
    /// <param name="request">What is filed; its output-only fields are ignored.</param>
    /// <param name="cancellation">Gives up waiting. The request may have been filed all the same; the same id tells.</param>
    /// <exception cref="IntakeException">Refused; <see cref="IntakeException.Violations"/> has each wrong field.</exception>
    /// <exception cref="InvalidDataException">The receipt is not for this text.</exception>
    public async Task<SubmitRequestResponse> SubmitAsync(Guid requestId, Request request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var message = new SubmitRequestRequest { RequestId = requestId.ToString(), Request = request };
        var filed = await CallAsync(options => Service.SubmitRequestAsync(message, options), cancellation).ConfigureAwait(false);
        Verify(filed.Receipt, request.Text);
        return filed;
    }

    /// <summary>One request of the partner's own, as it is now.</summary>
    /// <param name="name"><c>partners/{partner}/requests/{request}</c>.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="IntakeException">Refused: <c>REQUEST_NOT_FOUND</c> also for another partner's.</exception>
    public async Task<Request> GetAsync(string name, CancellationToken cancellation = default) =>
        (await CallAsync(options => Service.GetRequestAsync(new GetRequestRequest { Name = name }, options), cancellation).ConfigureAwait(false)).Request;

    /// <summary>The receipt of a request, as it was given when it was filed.</summary>
    /// <param name="request"><c>partners/{partner}/requests/{request}</c>.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="IntakeException">Refused: <c>REQUEST_NOT_FOUND</c> also for another partner's.</exception>
    public async Task<Receipt> GetReceiptAsync(string request, CancellationToken cancellation = default) =>
        (await CallAsync(options => Service.GetReceiptAsync(new GetReceiptRequest { Name = $"{request}/receipt" }, options), cancellation).ConfigureAwait(false)).Receipt;

    /// <summary>The partner's own requests, newest first, page after page as they are read.</summary>
    /// <param name="which">Which ones, and how many a page; all, 50 a page, when null. Its page token is ignored.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="IntakeException">Refused.</exception>
    public async IAsyncEnumerable<Request> ListAsync(ListRequestsRequest? which = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var page = which?.Clone() ?? new ListRequestsRequest();
        page.PageToken = "";
        do
        {
            var answer = await CallAsync(options => Service.ListRequestsAsync(page, options), cancellation).ConfigureAwait(false);
            foreach (var request in answer.Requests)
            {
                yield return request;
            }

            page.PageToken = answer.NextPageToken;
        }
        while (page.PageToken.Length > 0);
    }

    /// <summary>
    /// Follows a request: every state it has had after <paramref name="afterSequence"/>, each once and in order, then each new one as it comes, until it is answered,
    /// inadmissible or withdrawn. A broken connection is mended where it broke.
    /// </summary>
    /// <param name="name"><c>partners/{partner}/requests/{request}</c>.</param>
    /// <param name="afterSequence">The last sequence already seen; 0 from the beginning.</param>
    /// <param name="cancellation">Stops following.</param>
    /// <exception cref="IntakeException">Refused, or away for longer than the patience.</exception>
    public async IAsyncEnumerable<WatchRequestResponse> WatchAsync(string name, long afterSequence = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        AsyncServerStreamingCall<WatchRequestResponse>? watch = null;
        try
        {
            while (await _attempts.CallAsync(NextAsync, cancellation).ConfigureAwait(false))
            {
                var state = watch!.ResponseStream.Current;
                afterSequence = state.Sequence;
                yield return state;
            }
        }
        finally
        {
            watch?.Dispose();
        }

        // A stream that broke is opened again after the last state seen.
        async Task<bool> NextAsync(CancellationToken token)
        {
            try
            {
                watch ??= Service.WatchRequest(new WatchRequestRequest { Name = name, AfterSequence = afterSequence }, cancellationToken: cancellation);
                return await watch.ResponseStream.MoveNext(token).ConfigureAwait(false);
            }
            catch
            {
                watch?.Dispose();
                watch = null;
                throw;
            }
        }
    }

    /// <summary>Compares a receipt with the text it is for.</summary>
    /// <param name="receipt">As Intake gave it.</param>
    /// <param name="text">The text that was filed.</param>
    /// <exception cref="InvalidDataException">It is the receipt of another text.</exception>
    public static void Verify(Receipt receipt, string text)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        ArgumentNullException.ThrowIfNull(text);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        if (receipt.TextSha256 != hash)
        {
            throw new InvalidDataException($"The receipt {receipt.Name} is for a text of SHA-256 {receipt.TextSha256}; the text filed has {hash}.");
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _channel.Dispose();

    private Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellation) => _attempts.CallAsync(
        async token =>
        {
            using var attempt = call(new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + _attemptTimeout, cancellationToken: token));
            return await attempt.ResponseAsync.ConfigureAwait(false);
        },
        cancellation);
}
