using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Log;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Captures;

public sealed class CaptureTests(SharedArchive archive)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_are_kept_as_they_came_and_the_log_commits_to_them()
    {
        var (source, bytes) = (Source(), RandomNumberGenerator.GetBytes(300_000));

        var capture = await RecordAsync(source, bytes);

        Assert.Equal(capture, await RecordAsync(source, bytes));
        await Eventually.BecomesTrueAsync(async () => (await EntriesAsync(capture.LogIndex)).Count > 0);
        var entry = (await EntriesAsync(capture.LogIndex))[0];
        Assert.Equal((LogEntry.Kinds.Captured, (long?)bytes.Length, "application/pdf"), (entry.Kind, entry.Size, entry.MediaType));
        Assert.Equal(Commitment.Of(capture.CommitmentNonce.Span, SHA256.HashData(bytes)), entry.Commitment);

        var (read, content) = await ReadAsync(capture.Name);
        Assert.Equal(capture, read);
        Assert.Equal(bytes, content);
        await Eventually.BecomesTrueAsync(async () =>
            (await EntriesAsync(capture.LogIndex)).Any(next => next.Kind == LogEntry.Kinds.Custody && next.ObjectId == entry.ObjectId && next.Predecessor is not null));
    }

    [Fact]
    public async Task Other_bytes_of_the_same_source_are_refused()
    {
        var source = Source();
        await RecordAsync(source, [1]);

        Assert.Equal(StatusCode.AlreadyExists, (await Assert.ThrowsAsync<RpcException>(() => RecordAsync(source, [2]))).StatusCode);
    }

    [Fact]
    public async Task Bytes_that_are_not_what_was_stated_leave_nothing_behind()
    {
        var (source, bytes) = (Source(), RandomNumberGenerator.GetBytes(1_000));

        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => RecordAsync(source, bytes, sha256: new byte[32]))).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => RecordAsync(source, bytes, size: 999))).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => RecordAsync(source, bytes, size: 1_001))).StatusCode);

        Assert.Equal(0, await archive.Database.ScalarAsync<long>("SELECT count(*) FROM captures WHERE source = $1", source));
        Assert.Equal(0, await archive.Database.ScalarAsync<long>("SELECT count(*) FROM capture_chunks LEFT JOIN captures USING (capture_id) LEFT JOIN capture_uploads u USING (capture_id) WHERE captures IS NULL AND u IS NULL"));
        await RecordAsync(source, bytes);
    }

    [Fact]
    public async Task Staff_keep_what_they_saved_with_where_it_is_from_and_what_it_looks_like()
    {
        var page = System.Text.Encoding.UTF8.GetBytes("<!DOCTYPE html><html lang=ru><p>Слова.</p></html>");
        var stated = new Capture
        {
            Source = $"uploads/{Guid.CreateVersion7()}",
            MediaType = "application/warc",
            SizeBytes = page.Length,
            Sha256 = ByteString.CopyFrom(SHA256.HashData(page)),
            SourceUrl = "https://video.example/1",
            Tool = "browser-saver 1.2",
            Collector = "collector-handle",
            Saved = Some.Day("2021-01-19"),
        };
        var capture = await SendAsync(stated, page, ArchiveService.Archivist);
        Assert.Equal(
            (stated.Source, "application/warc", "text/html", "https://video.example/1", "browser-saver 1.2", "collector-handle", stated.Saved),
            (capture.Source, capture.MediaType, capture.DetectedMediaType, capture.SourceUrl, capture.Tool, capture.Collector, capture.Saved));
        Assert.Equal(capture, await SendAsync(stated, page, ArchiveService.Archivist));
        var (read, content) = await ReadAsync(capture.Name);
        Assert.Equal(capture, read);
        Assert.Equal(page, content);

        // What is recorded of it is committed to as well, and goes out with it.
        using var bag = await Exports.ExportedBag.OfAsync(archive.Service, capture.Name);
        var verdict = await bag.VerifyAsync();
        Assert.True(verdict.ExitCode == 0, verdict.Output);
        Assert.Contains(bag.Files, file => file.EndsWith("record.json", StringComparison.Ordinal));

        // Each under names of its own.
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => SendAsync(stated, page, ArchiveService.Intake))).StatusCode);
        stated.Source = Source();
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => SendAsync(stated, page, ArchiveService.Archivist))).StatusCode);
    }

    [Fact]
    public async Task An_unknown_capture_is_not_found()
    {
        foreach (var name in (string[])["captures/x", $"captures/{Guid.Empty:D}"])
        {
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => ReadAsync(name))).StatusCode);
        }
    }

    private static string Source() => $"partners/p/attachments/{RandomNumberGenerator.GetHexString(16, lowercase: true)}";

    private async Task<Capture> RecordAsync(string source, byte[] bytes, byte[]? sha256 = null, long? size = null)
    {
        using var call = archive.Client.RecordCapture(ArchiveService.Intake, cancellationToken: Ended);
        try
        {
            await call.RequestStream.WriteAsync(new RecordCaptureRequest
            {
                Capture = new Capture { Source = source, MediaType = "application/pdf", SizeBytes = size ?? bytes.Length, Sha256 = ByteString.CopyFrom(sha256 ?? SHA256.HashData(bytes)) },
            }, Ended);
            foreach (var part in bytes.Chunk(70_000))
            {
                await call.RequestStream.WriteAsync(new RecordCaptureRequest { Data = ByteString.CopyFrom(part) }, Ended);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception early) when (early is RpcException or InvalidOperationException)
        {
            // It has answered already; the answer is what counts.
        }

        return (await call.ResponseAsync).Capture;
    }

    private async Task<(Capture Capture, byte[] Bytes)> ReadAsync(string name)
    {
        using var call = archive.Client.ReadCapture(new ReadCaptureRequest { Name = name }, ArchiveService.Auditor, cancellationToken: Ended);
        var (capture, bytes) = (new Capture(), new MemoryStream());
        await foreach (var part in call.ResponseStream.ReadAllAsync(Ended))
        {
            capture = part.Capture ?? capture;
            part.Data.WriteTo(bytes);
        }

        return (capture, bytes.ToArray());
    }

    private async Task<IReadOnlyList<LogEntry>> EntriesAsync(long from)
    {
        var answer = await archive.Client.ListLogEntriesAsync(new ListLogEntriesRequest { Start = from, PageSize = 1_000 }, ArchiveService.Auditor, cancellationToken: Ended);
        return [.. answer.Entries.Select(static entry => LogEntry.Parse(entry.Memory))];
    }

    private async Task<Capture> SendAsync(Capture stated, byte[] bytes, Metadata who)
    {
        using var call = archive.Client.RecordCapture(who);
        await call.RequestStream.WriteAsync(new RecordCaptureRequest { Capture = stated, Data = ByteString.CopyFrom(bytes) }, Ended);
        await call.RequestStream.CompleteAsync();
        return (await call).Capture;
    }
}
