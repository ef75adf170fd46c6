using System.Text.RegularExpressions;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;

namespace Poc.Intake.Attachments;

/// <summary>What an announced file must look like; pure. The limits are those that attachment.proto states.</summary>
internal static partial class AttachmentRules
{
    /// <summary>Largest file, in bytes.</summary>
    public const int MaxSize = 32 * 1024 * 1024;

    /// <summary>Most data in one message of an upload, in bytes.</summary>
    public const int MaxMessageData = 1024 * 1024;

    /// <summary>Most files of one request.</summary>
    public const int MaxPerRequest = 10;

    /// <summary>Most bytes that the files of one request have together.</summary>
    public const long MaxBytesPerRequest = 100L * 1024 * 1024;

    /// <exception cref="RpcError">INVALID_ARGUMENT (FIELD_INVALID) with everything that is wrong.</exception>
    public static void Check(StartAttachmentRequest message)
    {
        var file = message.Attachment ?? new Attachment();
        new Violations()
            .Uuid("request_id", message.RequestId)
            .NotBlank("attachment.file_name", file.FileName)
            .MaxLength("attachment.file_name", file.FileName, RequestRules.MaxName)
            .Require(PersonName.IsPlain(file.FileName), "attachment.file_name", PersonName.Rule)
            .Require(file.FileName is not ("." or "..") && !file.FileName.AsSpan().ContainsAny('/', '\\'), "attachment.file_name", "must be a file name without a path")
            .Require(MediaType().IsMatch(file.MediaType), "attachment.media_type", "must be a media type such as application/pdf, without parameters")
            .Require(file.SizeBytes is > 0 and <= MaxSize, "attachment.size_bytes", $"must be from 1 to {MaxSize}")
            .Require(Sha256().IsMatch(file.Sha256), "attachment.sha256", "must be 64 lower-case hexadecimal digits")
            .ThrowIfAny();
    }

    // RFC 6838, 4.2: names of types and subtypes.
    [GeneratedRegex("^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex MediaType();

    [GeneratedRegex("^[0-9a-f]{64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256();
}
