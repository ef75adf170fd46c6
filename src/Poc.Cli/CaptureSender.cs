using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Poc.Campaigns;
using Poc.Cli.Commands;
using Poc.Contracts.StatementArchive.V1;

namespace Poc.Cli;

/// <summary>
/// Sends a file to the archive part by part. Where the archive goes away meanwhile, it asks until it is back, and goes on from what the archive has on disk; the same
/// holds for a command that is given once more.
/// </summary>
/// <param name="client">The archive.</param>
/// <param name="connection">Who calls.</param>
/// <param name="progress">Told of each part.</param>
/// <param name="title">The file, as progress names it.</param>
internal sealed class CaptureSender(StatementArchiveService.StatementArchiveServiceClient client, Connection connection, StepLines progress, string title)
{
    private const int Part = 1024 * 1024;

    // One after the other, about a minute and a half together; a part that gets through begins anew.
    private static readonly IReadOnlyList<TimeSpan> _pauses = [.. Enumerable.Range(0, 12).Select(n => TimeSpan.FromSeconds(Math.Min(0.5 * Math.Pow(2, n), 10)))];

    // Reading a large file back and hashing it takes the archive as long as the disk does.
    private static readonly TimeSpan _finishLimit = TimeSpan.FromMinutes(2);

    /// <summary>Sends what is missing, and gives the capture.</summary>
    public async Task<Capture> SendAsync(Capture stated, Stream content, CancellationToken cancellation)
    {
        var (failures, began) = (0, false);
        while (true)
        {
            try
            {
                var start = await client.StartCaptureUploadAsync(new() { Capture = stated }, connection.Call(cancellation));
                began = true;
                if (start.Upload is not { } upload)
                {
                    return start.Capture;
                }

                await SendPartsAsync(upload, content, () => failures = 0, cancellation);
                var call = connection.Call(cancellation).WithDeadline((TimeProvider.System.GetUtcNow() + _finishLimit).UtcDateTime);
                return (await client.FinishCaptureUploadAsync(new() { Name = upload.Name }, call)).Capture;
            }
            catch (RpcException problem) when (began && failures < _pauses.Count && MayPass(problem))
            {
                progress.Say($"{title}: interrupted ({problem.StatusCode}), goes on");
                await Task.Delay(_pauses[failures++], TimeProvider.System, cancellation);
            }
        }
    }

    private async Task SendPartsAsync(CaptureUpload upload, Stream content, Action went, CancellationToken cancellation)
    {
        var part = new byte[Part];
        var offset = upload.ReceivedBytes;
        if (offset > 0)
        {
            progress.Say(string.Create(CultureInfo.InvariantCulture, $"{title}: {offset} of {upload.SizeBytes} bytes are there"));
        }

        while (offset < upload.SizeBytes)
        {
            content.Position = offset;
            var read = await content.ReadAtLeastAsync(part, Part, throwOnEndOfStream: false, cancellation);
            if (read == 0)
            {
                throw new UsageException($"{title} has become shorter since it was hashed.");
            }

            var request = new WriteCaptureUploadRequest
            {
                Name = upload.Name,
                Offset = offset,
                Data = UnsafeByteOperations.UnsafeWrap(part.AsMemory(0, read)),
                DataSha256 = ByteString.CopyFrom(SHA256.HashData(part.AsSpan(0, read))),
            };
            offset = (await client.WriteCaptureUploadAsync(request, connection.Call(cancellation))).Upload.ReceivedBytes;
            went();
            progress.Report(new AnalysisStep(title, (double)offset / upload.SizeBytes));
        }
    }

    // Where the archive is away or restarts; and where a part whose answer got lost is there already, or the upload ended meanwhile: asking again tells.
    private static bool MayPass(RpcException problem) => problem.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded
        || problem.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason is "UPLOAD_OFFSET_MISMATCH" or "UPLOAD_NOT_FOUND";
}
