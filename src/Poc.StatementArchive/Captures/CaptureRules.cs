using System.Security.Cryptography;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Captures;

/// <summary>What may be said of a capture.</summary>
internal static class CaptureRules
{
    /// <summary>Bytes of one message, at most.</summary>
    public const int MaxPart = 1024 * 1024;

    /// <summary>Bytes of a part of an upload, at least, but for its last: a row for every few bytes would cost more than they do.</summary>
    public const int MinPart = 64 * 1024;

    /// <summary>Checks it.</summary>
    /// <param name="stated">What the caller says.</param>
    /// <param name="caller">Intake captures under its own names, staff under <c>uploads/</c>.</param>
    /// <param name="maxSize">Bytes, at most.</param>
    /// <param name="newest">The last day that can have been.</param>
    /// <exception cref="RpcError">INVALID_ARGUMENT with all that is wrong.</exception>
    public static void Check(Capture stated, Caller caller, long maxSize, DateOnly newest) => new Violations()
        .NotBlank("capture.source", stated.Source)
        .Require(
            caller.Roles.Contains(Roles.ServiceIntake) != IsUpload(stated.Source), "capture.source", "must be uploads/{upload} with a UUID where staff capture, and another where Intake does")
        .MaxLength("capture.source_url", stated.SourceUrl, StatementRules.MaxDescription)
        .Handle("capture.tool", stated.Tool)
        .Handle("capture.collector", stated.Collector)
        .Date("capture.saved", stated.Saved, newest, required: false)
        .MaxLength("capture.source", stated.Source, 400)
        .NotBlank("capture.media_type", stated.MediaType)
        .MaxLength("capture.media_type", stated.MediaType, 129)
        .Require(stated.SizeBytes > 0 && stated.SizeBytes <= maxSize, "capture.size_bytes", $"must be from 1 to {maxSize}")
        .Require(stated.Sha256.Length == SHA256.HashSizeInBytes, "capture.sha256", "must have 32 bytes")
        .ThrowIfAny();

    /// <summary>What captures share a second secret with: all that came with one request, <c>partners/{partner}/requests/{request}</c>.</summary>
    public static string GroupOf(string source) => source.Split('/') is { Length: > 2 } parts ? string.Join('/', parts[..^2]) : "captures";

    /// <summary>The capture that a source has, if its bytes are those.</summary>
    /// <exception cref="RpcError">ALREADY_EXISTS CAPTURE_EXISTS.</exception>
    public static Capture Same(Capture known, Capture stated) => known.Sha256 == stated.Sha256 ? known : throw ArchiveErrors.CaptureExists(stated.Source);

    private static bool IsUpload(string source) => source.Split('/') is ["uploads", var id] && Guid.TryParseExact(id, "D", out _);
}
