using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Status = Google.Rpc.Status;

namespace Poc.Grpc;

/// <summary>How an <see cref="RpcError"/> looks on the wire (AIP-193): <c>google.rpc.Status</c> in the trailer <c>grpc-status-details-bin</c>.</summary>
internal static class RichStatus
{
    public const string DetailsTrailer = "grpc-status-details-bin";
    public const string PushbackTrailer = "grpc-retry-pushback-ms";

    /// <summary>The error as grpc-dotnet takes it from a handler.</summary>
    public static RpcException ToException(RpcError error)
    {
        var trailers = new Metadata { { DetailsTrailer, Of(error).ToByteArray() } };
        if (Pushback(error) is { } pushback)
        {
            trailers.Add(PushbackTrailer, pushback);
        }

        return new RpcException(new global::Grpc.Core.Status(error.Code, error.Message), trailers);
    }

    /// <summary>Writes the error as the end of a response: into its trailers, or into its headers where nothing was sent yet.</summary>
    public static void Write(IHeaderDictionary destination, RpcError error)
    {
        destination["grpc-status"] = ((int)error.Code).ToString(CultureInfo.InvariantCulture);
        destination["grpc-message"] = Uri.EscapeDataString(error.Message);
        destination[DetailsTrailer] = Convert.ToBase64String(Of(error).ToByteArray());
        if (Pushback(error) is { } pushback)
        {
            destination[PushbackTrailer] = pushback;
        }
    }

    /// <summary>The error as AIP-193 has it.</summary>
    public static Status Of(RpcError error)
    {
        var info = new ErrorInfo { Reason = error.Reason, Domain = RpcError.Domain };
        foreach (var (key, value) in error.Metadata)
        {
            info.Metadata.Add(key, value);
        }

        var status = new Status { Code = (int)error.Code, Message = error.Message, Details = { Any.Pack(info) } };
        if (error.FieldViolations.Count > 0)
        {
            status.Details.Add(Any.Pack(new BadRequest
            {
                FieldViolations = { error.FieldViolations.Select(static v => new BadRequest.Types.FieldViolation { Field = v.Field, Description = v.Description }) },
            }));
        }

        if (error.Quota is { } quota)
        {
            status.Details.Add(Any.Pack(new QuotaFailure { Violations = { new QuotaFailure.Types.Violation { Subject = quota.Subject, Description = quota.Description } } }));
        }

        if (error.RetryAfter is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        }

        return status;
    }

    private static string? Pushback(RpcError error) =>
        error.RetryAfter is { } delay ? ((long)Math.Ceiling(delay.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture) : null;
}
