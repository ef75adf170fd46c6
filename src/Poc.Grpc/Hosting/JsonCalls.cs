using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;

namespace Poc.Grpc;

/// <summary>
/// A gRPC method called with JSON over HTTP/1.1 or 2 (google.api.http). The server's transcoding knows no limits, no deadline and no reasons: this gives it those that
/// gRPC calls have, and makes every error the one JSON form of <c>google.rpc.Status</c>.
/// </summary>
internal sealed class JsonCalls(GrpcLimits limits, Failures failures, HeldBytes held)
{
    /// <summary>Nesting beyond which nobody writes a request by accident.</summary>
    private const int MaxDepth = 32;

    private static readonly JsonParser _strict = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));

    /// <param name="call">The call.</param>
    /// <param name="method">Full name of the method, for the log.</param>
    /// <param name="message">The method's request message.</param>
    /// <param name="time">How long the call may take.</param>
    /// <param name="admit">Finds out who calls, before the body is read.</param>
    /// <param name="answer">The transcoded method.</param>
    public async Task RunAsync(HttpContext call, string method, MessageDescriptor message, TimeSpan time, Func<HttpContext, ValueTask<Caller>> admit, RequestDelegate answer)
    {
        using var deadline = new JsonDeadline(time, call.RequestAborted);
        call.RequestAborted = deadline.Token;
        call.Features.Set(deadline);
        try
        {
            var caller = await admit(call);
            call.Admit(caller);
            var holding = held.Begin(caller);
            call.Response.RegisterForDispose(holding);
            RequireKnown(call.Request.Query, message);
            await ReadBodyAsync(call.Request, message, holding, call.RequestAborted);
        }
        catch (Exception problem)
        {
            await JsonStatus.WriteAsync(call.Response, failures.Describe(problem, method, call));
            return;
        }

        var body = call.Response.Body;
        var passing = new JsonAnswer(call, body);
        call.Response.Body = passing;
        try
        {
            await answer(call);
        }
        finally
        {
            call.Response.Body = body;
        }

        if (passing.IsWithheld && !call.Response.HasStarted)
        {
            // What fails before the method is reached is the reading of the message: a field that is not there, text where a number belongs.
            var error = CallBoundary.FailureOf(call) ?? failures.Describe(CommonErrors.MessageMalformed(), method, call);
            call.Response.Clear();
            await JsonStatus.WriteAsync(call.Response, error);
        }
    }

    // The whole body, so that its size, its encoding and its depth are known before anything is made of it.
    private async Task ReadBodyAsync(HttpRequest request, MessageDescriptor message, HeldBytes.Call holding, CancellationToken cancellation)
    {
        if (request.ContentLength > limits.MaxMessageBytes)
        {
            throw CommonErrors.MessageTooLarge(limits.MaxMessageBytes);
        }

        var bytes = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
            {
                if (bytes.Length + read > limits.MaxMessageBytes)
                {
                    throw CommonErrors.MessageTooLarge(limits.MaxMessageBytes);
                }

                holding.Hold(bytes.Length + read);
                bytes.Write(buffer, 0, read);
            }
        }
        catch (BadHttpRequestException problem)
        {
            throw CommonErrors.MessageMalformed(problem.Message, problem);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (bytes.Length > 0)
        {
            RequireMessage(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), message);
        }

        bytes.Position = 0;
        request.Body = bytes;
    }

    // A parameter nobody reads is more likely misspelt than meant.
    private static void RequireKnown(IQueryCollection query, MessageDescriptor message)
    {
        foreach (var name in query.Keys)
        {
            var field = name.Split('.')[0];
            if (!message.Fields.InDeclarationOrder().Any(known => known.Name == field || known.JsonName == field))
            {
                throw CommonErrors.MessageMalformed($"it has no parameter '{name}'");
            }
        }
    }

    // The transcoding would pass over fields that it does not know, and what a partner wrote there would be lost without a word.
    private static void RequireMessage(ReadOnlyMemory<byte> body, MessageDescriptor message)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw CommonErrors.MessageMalformed("it is not UTF-8");
        }

        try
        {
            // A body that is too deep is not even looked into; of two fields of one name the parser would take the last without a word.
            JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false }).Dispose();
            _strict.Parse(Encoding.UTF8.GetString(body.Span), message);
        }
        catch (Exception problem) when (problem is JsonException or InvalidJsonException or InvalidProtocolBufferException or OverflowException or FormatException)
        {
            throw CommonErrors.MessageMalformed(problem.Message, problem);
        }
    }

    /// <summary>Lets the method's answer through, and withholds what is written where the method was not reached or failed: the errors are ours to write.</summary>
    private sealed class JsonAnswer(HttpContext call, Stream body) : Stream
    {
        private bool _passing;

        /// <summary>Whether something was written and nothing of it left.</summary>
        public bool IsWithheld { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Passes())
            {
                await body.WriteAsync(buffer, cancellationToken);
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            if (_passing || (CallBoundary.WasReached(call) && Passes()))
            {
                await body.FlushAsync(cancellationToken);
            }
        }

        public override void Flush() => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private bool Passes()
        {
            if (!_passing && !IsWithheld)
            {
                _passing = CallBoundary.WasReached(call) && CallBoundary.FailureOf(call) is null;
                IsWithheld = !_passing;
            }

            return _passing;
        }
    }
}
