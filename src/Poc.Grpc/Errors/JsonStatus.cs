using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Poc.Grpc;

/// <summary>How an <see cref="RpcError"/> looks to a caller with JSON: <c>google.rpc.Status</c> with its details, under the HTTP status of its code.</summary>
internal static class JsonStatus
{
    /// <summary>The details that an error can have.</summary>
    public static TypeRegistry Details { get; } = TypeRegistry.FromMessages(ErrorInfo.Descriptor, BadRequest.Descriptor, RetryInfo.Descriptor, QuotaFailure.Descriptor);

    private static readonly JsonFormatter _formatter = new(new JsonFormatter.Settings(formatDefaultValues: true, Details));

    /// <summary>Writes the error as the whole answer.</summary>
    public static Task WriteAsync(Microsoft.AspNetCore.Http.HttpResponse response, RpcError error, int? httpStatus = null)
    {
        response.StatusCode = httpStatus ?? HttpStatusOf(error.Code);
        response.ContentType = "application/json";
        if (error.RetryAfter is { } delay)
        {
            response.Headers.RetryAfter = ((long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsync(_formatter.Format(RichStatus.Of(error)), CancellationToken.None);
    }

    /// <summary>The HTTP status that goes with a code, as google.rpc.Code documents it.</summary>
    public static int HttpStatusOf(StatusCode code) => code switch
    {
        StatusCode.OK => 200,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.Unauthenticated => 401,
        StatusCode.PermissionDenied => 403,
        StatusCode.NotFound => 404,
        StatusCode.AlreadyExists or StatusCode.Aborted => 409,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Cancelled => 499,
        StatusCode.Unimplemented => 501,
        StatusCode.Unavailable => 503,
        StatusCode.DeadlineExceeded => 504,
        _ => 500,
    };
}
