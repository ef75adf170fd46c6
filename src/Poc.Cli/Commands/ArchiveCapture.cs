using System.CommandLine;
using System.Security.Cryptography;
using Google.Protobuf;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc archive capture</c>: keeps the saved files of a page or a recording as evidentiary copies.</summary>
internal static class ArchiveCapture
{
    private static readonly Argument<FileInfo[]> Files = new("file") { Description = "Saved files: HTML, WARC, PDF, image, audio, video, text; at most 4 GiB each, where the archive is not told otherwise.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> Url = new("--url") { Description = "Where they were saved from.", Required = true };
    private static readonly Option<string> MediaType = new("--media-type") { Description = "Media type; what the archive sees in the first bytes is kept beside it.", Required = true };
    private static readonly Option<string> Tool = new("--tool") { Description = "What saved them, with its version.", Required = true };
    private static readonly Option<string> Collector = new("--collector") { Description = "Handle of who saved them.", Required = true };
    private static readonly Option<string?> Saved = new("--saved") { Description = "The day they were saved: YYYY-MM-DD." };
    private static readonly Option<string?> Statement = new("--shows") { Description = "The statement that they show: subjects/{subject}/statements/{statement}" };

    public static Command Create()
    {
        var capture = new Command(
            "capture", "Keep saved files as evidentiary copies (archivists). Repeat the command after a failure: it goes on where it was, and keeps nothing twice.")
        {
            Files, Url, MediaType, Tool, Collector, Saved, Statement,
        };
        capture.SetAction(CaptureAsync);
        return capture;
    }

    private static async Task<int> CaptureAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var files = parsed.GetRequiredValue(Files);
        if (files.FirstOrDefault(static file => !file.Exists) is { } missing)
        {
            throw new UsageException($"{missing.FullName} is not there.");
        }

        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var client = new StatementArchiveService.StatementArchiveServiceClient(connection.Invoker);
        foreach (var file in files)
        {
            var capture = await SendAsync(client, connection, parsed, file, cancellation);
            if (parsed.GetValue(Statement) is { } statement)
            {
                // The same id for the same link, so that a repetition of the command adds none.
                await client.LinkStatementAsync(
                    new()
                    {
                        RequestId = IdOf($"{statement} {capture.Name}"),
                        Parent = statement,
                        Link = new() { Kind = StatementLinkKind.ShownBy, Target = capture.Name, Reason = $"Captured as showing it, from {parsed.GetRequiredValue(Url)}." },
                    },
                    connection.Call(cancellation));
            }

            var detected = capture.DetectedMediaType.Length > 0 && capture.DetectedMediaType != capture.MediaType ? $", looks like {capture.DetectedMediaType}" : "";
            await Answer.WriteAsync(parsed, capture, $"{capture.Name}  {file.Name}  {capture.SizeBytes} bytes, {capture.MediaType}{detected}");
        }

        return ExitCode.Done;
    }

    private static async Task<Capture> SendAsync(
        StatementArchiveService.StatementArchiveServiceClient client, Connection connection, ParseResult parsed, FileInfo file, CancellationToken cancellation)
    {
        await using var content = file.OpenRead();
        var sha256 = await SHA256.HashDataAsync(content, cancellation);
        content.Position = 0;
        var capture = new Capture
        {
            // By address and bytes: the same file of the same page is one capture, however often it is sent.
            Source = $"uploads/{IdOf($"{parsed.GetRequiredValue(Url)} {Convert.ToHexStringLower(sha256)}")}",
            MediaType = parsed.GetRequiredValue(MediaType),
            SizeBytes = content.Length,
            Sha256 = ByteString.CopyFrom(sha256),
            SourceUrl = parsed.GetRequiredValue(Url),
            Tool = parsed.GetRequiredValue(Tool),
            Collector = parsed.GetRequiredValue(Collector),
            Saved = parsed.GetValue(Saved) is { } day ? new() { Earliest = day, Precision = DatePrecision.Day, Confidence = Confidence.High } : null,
        };
        var upload = new CaptureSender(client, connection, new StepLines(Console.Error), file.Name);
        return await upload.SendAsync(capture, content, cancellation);
    }

    // A UUID of version 8 (RFC 9562): the first bits of a hash.
    private static string IdOf(string text)
    {
        var hash = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text));
        (hash[6], hash[8]) = ((byte)((hash[6] & 0x0F) | 0x80), (byte)((hash[8] & 0x3F) | 0x80));
        return new Guid(hash.AsSpan(0, 16), bigEndian: true).ToString();
    }
}
