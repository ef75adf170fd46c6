using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
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
    // Of an upload and of an import in one call: small enough to pass within the server's two minutes over a slow line, or at a small quota.
    private const int UploadPart = 1024 * 1024;
    private const int UploadMessage = 64 * 1024;
    private const int ImportPart = 500;
    private static readonly TimeSpan _streamTimeout = TimeSpan.FromMinutes(2);

    // Of a wait for an operation in one call.
    private static readonly TimeSpan _operationWait = TimeSpan.FromSeconds(30);

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
        var invoker = options.ApiKey is { } apiKey
            ? _channel.Intercept(headers =>
            {
                headers.Add("x-api-key", apiKey);
                return headers;
            })
            : _channel.CreateCallInvoker();
        Service = new IntakeService.IntakeServiceClient(invoker);
        Attachments = new AttachmentService.AttachmentServiceClient(invoker);
        Bulk = new BulkService.BulkServiceClient(invoker);
        Operations = new OperationService.OperationServiceClient(invoker);
    }

    /// <summary>The generated client with the caller's credential, for the methods that have no counterpart here. Its calls are not repeated, and end in RpcException.</summary>
    public IntakeService.IntakeServiceClient Service { get; }

    /// <summary>The same for attachments.</summary>
    public AttachmentService.AttachmentServiceClient Attachments { get; }

    /// <summary>The same for batches and imports.</summary>
    public BulkService.BulkServiceClient Bulk { get; }

    /// <summary>The same for exports.</summary>
    public OperationService.OperationServiceClient Operations { get; }

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

    /// <summary>
    /// Sends a file, to be named in <see cref="Request.Attachments"/> of a request then. What breaks off goes on where it was; Intake compares the SHA-256 of what it has with that of
    /// the file before it is complete.
    /// </summary>
    /// <param name="requestId">Chosen by the partner once for each file and kept beside it: after a crash, send again with the same id, and only the missing rest is sent.</param>
    /// <param name="fileName">Name for people, without a path.</param>
    /// <param name="mediaType">For example <c>application/pdf</c>.</param>
    /// <param name="content">The whole file, 1 byte to 32 MiB; read from its beginning, and must be seekable.</param>
    /// <param name="cancellation">Gives up; the same id goes on later.</param>
    /// <exception cref="ArgumentException">The stream cannot be read from any place.</exception>
    /// <exception cref="IntakeException">Refused, for example <c>ATTACHMENT_TYPE_REFUSED</c>, or <c>ATTACHMENT_HASH_MISMATCH</c> when the file changed meanwhile.</exception>
    public async Task<Attachment> AttachAsync(Guid requestId, string fileName, string mediaType, Stream content, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (!content.CanSeek)
        {
            throw new ArgumentException("The stream must be seekable: an upload that breaks off goes on in the middle.", nameof(content));
        }

        content.Position = 0;
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation).ConfigureAwait(false));
        var start = new StartAttachmentRequest
        {
            RequestId = requestId.ToString(),
            Attachment = new Attachment { FileName = fileName, MediaType = mediaType, SizeBytes = content.Length, Sha256 = sha256 },
        };
        var name = (await CallAsync(options => Attachments.StartAttachmentAsync(start, options), cancellation).ConfigureAwait(false)).Attachment.Name;
        Attachment file;
        do
        {
            // A part a call: each has the whole patience, and none ends by the server's limit of time.
            file = await _attempts.CallAsync(token => SendPartAsync(name, content, token), cancellation).ConfigureAwait(false);
        }
        while (file.State == Attachment.Types.State.Uploading && file.ReceivedBytes < file.SizeBytes);
        return (await CallAsync(options => Attachments.FinishAttachmentAsync(new FinishAttachmentRequest { Name = name }, options), cancellation).ConfigureAwait(false)).Attachment;
    }

    /// <summary>
    /// Files many requests, each on its own: one that is refused stops no other. What breaks off goes on where it was.
    /// </summary>
    /// <param name="importId">Chosen by the partner once for each import: after a crash, call again with the same id and items, and what is stored is not stored again.</param>
    /// <param name="items">The filings, each with its own request id; their places count. Keep the order.</param>
    /// <param name="progress">Told after each part how far the import is.</param>
    /// <param name="cancellation">Gives up; the same id goes on later.</param>
    /// <returns>The import; <see cref="ListImportAsync"/> has the result of each item.</returns>
    /// <exception cref="IntakeException">Refused as a whole, or away for longer than the patience.</exception>
    public async Task<Import> ImportAsync(Guid importId, IReadOnlyList<SubmitRequestRequest> items, IProgress<Import>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentOutOfRangeException.ThrowIfZero(items.Count, nameof(items));
        Import import;
        var next = 0;
        do
        {
            var from = next;
            import = await _attempts.CallAsync(token => ImportPartAsync(importId, items, from, token), cancellation).ConfigureAwait(false);
            progress?.Report(import);
            next = Math.Max(from + ImportPart, import.NextIndex);
        }
        while (next < items.Count);
        return import;
    }

    /// <summary>The results of an import by place, page after page as they are read.</summary>
    /// <param name="import"><c>partners/{partner}/imports/{import}</c>.</param>
    /// <param name="refusedOnly">Only what was refused.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="IntakeException">Refused.</exception>
    public async IAsyncEnumerable<ImportItem> ListImportAsync(string import, bool refusedOnly = false, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var page = new ListImportItemsRequest { Parent = import, RefusedOnly = refusedOnly, PageSize = 500 };
        do
        {
            var answer = await CallAsync(options => Bulk.ListImportItemsAsync(page, options), cancellation).ConfigureAwait(false);
            foreach (var item in answer.Items)
            {
                yield return item;
            }

            page.PageToken = answer.NextPageToken;
        }
        while (page.PageToken.Length > 0);
    }

    /// <summary>Starts an export of the partner's own requests, which goes on without this client: <see cref="WaitOperationAsync"/> and <see cref="ReadExportAsync"/> find it by its name, from anywhere.</summary>
    /// <param name="requestId">Chosen by the partner once for each export: after a crash, the same id gives the same export.</param>
    /// <param name="filter">Which requests, as in <see cref="ListAsync"/>; empty for all.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="IntakeException">Refused: <c>EXPORT_RUNNING</c> while another runs, whose name is in <see cref="IntakeException.Metadata"/>.</exception>
    public async Task<Operation> StartExportAsync(Guid requestId, string filter = "", CancellationToken cancellation = default)
    {
        var message = new ExportRequestsRequest { RequestId = requestId.ToString(), Filter = filter };
        return (await CallAsync(options => Operations.ExportRequestsAsync(message, options), cancellation).ConfigureAwait(false)).Operation;
    }

    /// <summary>An operation as it is now.</summary>
    /// <param name="name"><c>partners/{partner}/operations/{operation}</c>.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="IntakeException">Refused: <c>OPERATION_NOT_FOUND</c> also when its time is over.</exception>
    public async Task<Operation> GetOperationAsync(string name, CancellationToken cancellation = default) =>
        (await CallAsync(options => Operations.GetOperationAsync(new GetOperationRequest { Name = name }, options), cancellation).ConfigureAwait(false)).Operation;

    /// <summary>The partner's own operations, newest first, page after page as they are read.</summary>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="IntakeException">Refused.</exception>
    public async IAsyncEnumerable<Operation> ListOperationsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var page = new ListOperationsRequest();
        do
        {
            var answer = await CallAsync(options => Operations.ListOperationsAsync(page, options), cancellation).ConfigureAwait(false);
            foreach (var operation in answer.Operations)
            {
                yield return operation;
            }

            page.PageToken = answer.NextPageToken;
        }
        while (page.PageToken.Length > 0);
    }

    /// <summary>Waits until an operation has succeeded or was cancelled, however long that takes.</summary>
    /// <param name="name"><c>partners/{partner}/operations/{operation}</c>.</param>
    /// <param name="progress">Told how it stands, each time Intake tells: at least every 30 s.</param>
    /// <param name="cancellation">Gives up waiting; the operation goes on.</param>
    /// <exception cref="IntakeException">Refused: <c>OPERATION_NOT_FOUND</c>. Or away for longer than the patience.</exception>
    public async Task<Operation> WaitOperationAsync(string name, IProgress<Operation>? progress = null, CancellationToken cancellation = default)
    {
        var message = new WaitOperationRequest { Name = name, Timeout = Duration.FromTimeSpan(_operationWait) };
        Operation operation;
        do
        {
            operation = await _attempts.CallAsync(WaitAsync, cancellation).ConfigureAwait(false);
            progress?.Report(operation);
        }
        while (operation.State == Operation.Types.State.Running);
        return operation;

        async Task<Operation> WaitAsync(CancellationToken token)
        {
            using var attempt = Operations.WaitOperationAsync(message, Attempt(_operationWait + _attemptTimeout, token));
            return (await attempt.ResponseAsync.ConfigureAwait(false)).Operation;
        }
    }

    /// <summary>Ends an operation that runs; what it has done is dropped. One that is cancelled already is given as it is.</summary>
    /// <param name="name"><c>partners/{partner}/operations/{operation}</c>.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="IntakeException">Refused: <c>OPERATION_NOT_FOUND</c>, or <c>OPERATION_DONE</c> where it has succeeded.</exception>
    public async Task<Operation> CancelOperationAsync(string name, CancellationToken cancellation = default) =>
        (await CallAsync(options => Operations.CancelOperationAsync(new CancelOperationRequest { Name = name }, options), cancellation).ConfigureAwait(false)).Operation;

    /// <summary>
    /// Downloads a finished export: a line of JSON for each request, oldest first. What breaks off goes on where it was, also what a crash broke off: what <paramref name="destination"/>
    /// holds already is taken for the export's beginning, and the rest is added. When it returns, size and SHA-256 of the whole have been compared with Intake's.
    /// </summary>
    /// <param name="name"><c>partners/{partner}/operations/{operation}</c>.</param>
    /// <param name="destination">Where the lines go. One that can be read and sought (a file, opened or created for reading and writing) is gone on with; any other is written to from the first line on.</param>
    /// <param name="progress">Told the number of lines that are there, after each message.</param>
    /// <param name="cancellation">Gives up; the same stream goes on later.</param>
    /// <returns>The operation, with the size and the SHA-256 of what was downloaded.</returns>
    /// <exception cref="IntakeException">Refused: <c>OPERATION_NOT_DONE</c> while it runs or where it was cancelled, <c>OPERATION_NOT_FOUND</c> when its time is over.</exception>
    /// <exception cref="InvalidDataException">It is not what Intake exported: <paramref name="destination"/> held something else, or was written to meanwhile. Begin with an empty one.</exception>
    public async Task<Operation> ReadExportAsync(string name, Stream destination, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var operation = await GetOperationAsync(name, cancellation).ConfigureAwait(false);
        using var download = new ExportDownload(destination);
        await download.TakeUpAsync(cancellation).ConfigureAwait(false);
        AsyncServerStreamingCall<ReadExportResponse>? reading = null;
        try
        {
            while (await _attempts.CallAsync(NextAsync, cancellation).ConfigureAwait(false))
            {
                var message = reading!.ResponseStream.Current;
                await download.AddAsync(message.Data.Memory, message.LastLine, cancellation).ConfigureAwait(false);
                progress?.Report(download.Lines);
            }
        }
        finally
        {
            reading?.Dispose();
        }

        await download.FinishAsync(operation, cancellation).ConfigureAwait(false);
        return operation;

        // A stream that broke is opened again after the last line that is there.
        async Task<bool> NextAsync(CancellationToken token)
        {
            try
            {
                reading ??= Operations.ReadExport(new ReadExportRequest { Name = name, AfterLine = download.Lines }, cancellationToken: cancellation);
                return await reading.ResponseStream.MoveNext(token).ConfigureAwait(false);
            }
            catch
            {
                reading?.Dispose();
                reading = null;
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

    private async Task<Attachment> SendPartAsync(string name, Stream content, CancellationToken cancellation)
    {
        var known = (await Attachments.GetAttachmentAsync(new GetAttachmentRequest { Name = name }, Attempt(_attemptTimeout, cancellation)).ResponseAsync.ConfigureAwait(false)).Attachment;
        if (known.State != Attachment.Types.State.Uploading || known.ReceivedBytes == known.SizeBytes)
        {
            return known;
        }

        var buffer = new byte[Math.Min(UploadPart, known.SizeBytes - known.ReceivedBytes)];
        content.Position = known.ReceivedBytes;
        await content.ReadExactlyAsync(buffer, cancellation).ConfigureAwait(false);
        using var upload = Attachments.UploadAttachment(Attempt(_streamTimeout, cancellation));
        await EndAsync(SendAsync()).ConfigureAwait(false);
        return (await upload.ResponseAsync.ConfigureAwait(false)).Attachment;

        async Task SendAsync()
        {
            await upload.RequestStream.WriteAsync(new UploadAttachmentRequest { Name = name, Offset = known.ReceivedBytes }, cancellation).ConfigureAwait(false);
            for (var at = 0; at < buffer.Length; at += UploadMessage)
            {
                var data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(at, Math.Min(UploadMessage, buffer.Length - at)));
                await upload.RequestStream.WriteAsync(new UploadAttachmentRequest { Data = data }, cancellation).ConfigureAwait(false);
            }

            await upload.RequestStream.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task<Import> ImportPartAsync(Guid importId, IReadOnlyList<SubmitRequestRequest> items, int from, CancellationToken cancellation)
    {
        using var import = Bulk.ImportRequests(Attempt(_streamTimeout, cancellation));
        await EndAsync(SendAsync()).ConfigureAwait(false);
        return (await import.ResponseAsync.ConfigureAwait(false)).Import;

        async Task SendAsync()
        {
            for (var i = from; i < items.Count && i < from + ImportPart; i++)
            {
                await import.RequestStream.WriteAsync(new ImportRequestsRequest { ImportId = importId.ToString(), Index = i, Item = items[i] }, cancellation).ConfigureAwait(false);
            }

            await import.RequestStream.CompleteAsync().ConfigureAwait(false);
        }
    }

    // A server that refuses, or a connection that breaks, ends the call while it is still being written to: its answer says why, not the failed write.
    private static async Task EndAsync(Task writing)
    {
        try
        {
            await writing.ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is RpcException or InvalidOperationException or IOException or HttpRequestException)
        {
        }
    }

    private static CallOptions Attempt(TimeSpan timeout, CancellationToken cancellation) =>
        new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + timeout, cancellationToken: cancellation);

    private Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellation) => _attempts.CallAsync(
        async token =>
        {
            using var attempt = call(new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + _attemptTimeout, cancellationToken: token));
            return await attempt.ResponseAsync.ConfigureAwait(false);
        },
        cancellation);
}
