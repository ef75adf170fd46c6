using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Poc.Grpc;

/// <summary>
/// Gives an <c>ErrorInfo</c> to the errors that the server itself answers with, outside any interceptor: an unknown method, a message that is too large or
/// cannot be decoded, a deadline that passed while the method went on.
/// </summary>
internal sealed class StatusDetails(GrpcLimits limits) : IStartupFilter
{
    private const string StatusTrailer = "grpc-status";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        // Outermost: what gRPC-Web brings is a gRPC call for all that follows.
        app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
        app.Use(CompleteAsync);
        next(app);
    };

    private async Task CompleteAsync(HttpContext call, RequestDelegate next)
    {
        if (!MethodGate.IsGrpc(call.Request))
        {
            await next(call);
            return;
        }

        // A status without a body goes out in the headers …
        call.Response.OnStarting(() =>
        {
            Complete(call, call.Response.Headers);
            return Task.CompletedTask;
        });
        await next(call);
        // … and one after a body in the trailers, which can still be changed now.
        if (call.Response.HasStarted && call.Features.Get<IHttpResponseTrailersFeature>() is { Trailers: { IsReadOnly: false } trailers })
        {
            Complete(call, trailers);
        }
    }

    private void Complete(HttpContext call, IHeaderDictionary destination)
    {
        if (destination.ContainsKey(RichStatus.DetailsTrailer)
            || !int.TryParse(destination[StatusTrailer].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            || code == (int)StatusCode.OK)
        {
            return;
        }

        RichStatus.Write(destination, Describe((StatusCode)code, call, destination["grpc-message"].ToString()));
    }

    private RpcError Describe(StatusCode code, HttpContext call, string message) => code switch
    {
        StatusCode.Unimplemented when call.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is null => CommonErrors.MethodUnknown(),
        StatusCode.Unimplemented => CommonErrors.EncodingUnknown(),
        StatusCode.ResourceExhausted => CommonErrors.MessageTooLarge(limits.MaxMessageBytes),
        StatusCode.DeadlineExceeded => CommonErrors.DeadlineExceeded(),
        StatusCode.Cancelled => CommonErrors.Cancelled(),
        // Every exception of a method has its details from CallBoundary. What fails before it is the decoding of the request, what fails after it is ours.
        StatusCode.Unknown or StatusCode.Internal when CallBoundary.WasReached(call) => CommonErrors.Internal(Failures.TraceId(call)),
        StatusCode.Unknown or StatusCode.Internal => CommonErrors.MessageMalformed(),
        // Answers of the health and reflection services, which know their codes and nothing of reasons.
        _ => new RpcError(code, NameOf(code), Uri.UnescapeDataString(message)),
    };

    // NotFound as NOT_FOUND, the name that the protocol gives it.
    private static string NameOf(StatusCode code) => string.Concat(code.ToString().Select(static (c, i) => (i > 0 && char.IsUpper(c) ? "_" : "") + char.ToUpperInvariant(c)));
}
