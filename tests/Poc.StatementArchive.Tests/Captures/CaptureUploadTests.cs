using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Poc.Cli.Tests;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel.Log;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Captures;

public sealed class CaptureUploadTests(SharedArchive archive)
{
    private const int Part = 64 * 1024;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Parts_become_a_capture_that_the_log_commits_to_and_outsiders_verify()
    {
        var bytes = (byte[])[.. "<!DOCTYPE html><p>Слова.</p>"u8, .. RandomNumberGenerator.GetBytes((2 * Part) + 10)];
        var stated = Stated(bytes);
        var upload = (await StartAsync(stated)).Upload;
        Assert.Equal((0, bytes.Length), (upload.ReceivedBytes, upload.SizeBytes));

        Assert.Equal(Part, await WriteAsync(upload, bytes, 0, Part));
        Assert.Equal((StatusCode.Aborted, "UPLOAD_OFFSET_MISMATCH", Part), await MismatchAsync(upload, bytes, 0, Part));
        Assert.Equal((StatusCode.Aborted, "UPLOAD_OFFSET_MISMATCH", Part), await MismatchAsync(upload, bytes, Part + 1, Part));
        Assert.Equal((StatusCode.FailedPrecondition, "UPLOAD_INCOMPLETE"), await FinishRefusedAsync(upload));
        Assert.Equal(2 * Part, await WriteAsync(upload, bytes, Part, Part));

        // Another person goes on where this one stopped.
        var standing = (await StartAsync(stated, ArchiveService.Person("emmy", Roles.Archivist))).Upload;
        Assert.Equal((upload.Name, 2 * Part), (standing.Name, standing.ReceivedBytes));
        Assert.Equal(bytes.Length, await WriteAsync(upload, bytes, 2 * Part, bytes.Length - (2 * Part)));

        var capture = await FinishAsync(upload);
        Assert.Equal(
            ($"captures/{upload.Name.Split('/')[1]}", stated.Source, "text/html", stated.SourceUrl, stated.Sha256, stated.SizeBytes),
            (capture.Name, capture.Source, capture.DetectedMediaType, capture.SourceUrl, capture.Sha256, capture.SizeBytes));
        Assert.Equal(capture, await FinishAsync(upload));
        var again = await StartAsync(stated);
        Assert.Equal(((CaptureUpload?)null, capture), (again.Upload, again.Capture));
        Assert.Equal((StatusCode.NotFound, "UPLOAD_NOT_FOUND"), await RefusalAsync(WriteRequest(upload, bytes, 0, Part)));

        LogEntry? entry = null;
        await Eventually.BecomesTrueAsync(async () =>
        {
            var listed = await archive.Client.ListLogEntriesAsync(new ListLogEntriesRequest { Start = capture.LogIndex, PageSize = 1 }, ArchiveService.Auditor);
            entry = listed.Entries.Select(static found => LogEntry.Parse(found.Memory)).FirstOrDefault();
            return entry is not null;
        });
        Assert.Equal((LogEntry.Kinds.Captured, stated.SizeBytes), (entry!.Kind, entry.Size));
        Assert.Equal(Commitment.Of(capture.CommitmentNonce.Span, SHA256.HashData(bytes)), entry.Commitment);
        Assert.Equal(bytes, await ReadAsync(archive.Service, capture.Name));
        using var bag = await Exports.ExportedBag.OfAsync(archive.Service, capture.Name);
        var verdict = await bag.VerifyAsync();
        Assert.True(verdict.ExitCode == 0, verdict.Output);
    }

    [Fact]
    public async Task What_waits_is_sealed_and_is_no_evidence_yet()
    {
        var canary = "kumquat-on-the-way"u8.ToArray();
        var bytes = Enumerable.Repeat(canary, (2 * Part / canary.Length) + 1).SelectMany(static word => word).ToArray();
        var stated = Stated(bytes);
        stated.SourceUrl = "https://kumquat-on-the-way.example";
        var upload = (await StartAsync(stated)).Upload;
        await WriteAsync(upload, bytes, 0, Part);

        var id = Guid.Parse(upload.Name.Split('/')[1]);
        Assert.Equal(1, await archive.Database.ScalarAsync<long>("SELECT count(*) FROM capture_chunks WHERE capture_id = $1", id));
        Assert.Equal(0, await archive.Database.ScalarAsync<long>(
            "SELECT count(*) FROM capture_chunks c JOIN capture_uploads u USING (capture_id) WHERE capture_id = $1 AND (position($2 IN c.data) > 0 OR position($2 IN u.stated) > 0)",
            id, canary));
        Assert.Equal(0, await archive.Database.ScalarAsync<long>("SELECT count(*) FROM log_entries WHERE object_id = $1", id));
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => ReadAsync(archive.Service, $"captures/{id}"))).StatusCode);
    }

    [Fact]
    public async Task A_part_that_is_not_what_its_hash_says_is_not_taken()
    {
        var bytes = RandomNumberGenerator.GetBytes(2 * Part);
        var upload = (await StartAsync(Stated(bytes))).Upload;
        var part = WriteRequest(upload, bytes, 0, Part);
        part.DataSha256 = ByteString.CopyFrom(SHA256.HashData("other"u8));

        Assert.Equal(["data_sha256"], (await Some.RefusalAsync(archive.Client.WriteCaptureUploadAsync(part, ArchiveService.Archivist))).Fields);
        Assert.Equal(Part, await WriteAsync(upload, bytes, 0, Part));
    }

    [Fact]
    public async Task Parts_have_their_sizes_and_an_upload_its_own()
    {
        var bytes = RandomNumberGenerator.GetBytes(2 * Part);
        var upload = (await StartAsync(Stated(bytes))).Upload;

        foreach (var (offset, length) in ((int, int)[])[(0, 0), (0, Part - 1)])
        {
            Assert.Equal((StatusCode.InvalidArgument, "FIELD_INVALID"), await RefusalAsync(WriteRequest(upload, bytes, offset, length)));
        }

        var large = new byte[(1024 * 1024) + 1];
        Assert.Equal((StatusCode.InvalidArgument, "FIELD_INVALID"), await RefusalAsync(WriteRequest(upload, large, 0, large.Length)));
        await WriteAsync(upload, bytes, 0, Part);
        var beyond = WriteRequest(upload, [.. bytes, 0], Part, Part + 1);
        Assert.Equal((StatusCode.InvalidArgument, "FIELD_INVALID"), await RefusalAsync(beyond));

        foreach (var size in (long[])[0, (4L << 30) + 1])
        {
            var stated = Stated(bytes);
            stated.SizeBytes = size;
            Assert.Equal(
                ["capture.size_bytes"], (await Some.RefusalAsync(archive.Client.StartCaptureUploadAsync(new() { Capture = stated }, ArchiveService.Archivist))).Fields);
        }
    }

    [Fact]
    public async Task Bytes_that_are_not_what_was_stated_are_dropped_with_their_key()
    {
        var bytes = RandomNumberGenerator.GetBytes(Part);
        var stated = Stated(bytes);
        var upload = (await StartAsync(stated)).Upload;
        await WriteAsync(upload, RandomNumberGenerator.GetBytes(Part), 0, Part);

        Assert.Equal((StatusCode.FailedPrecondition, "UPLOAD_HASH_MISMATCH"), await FinishRefusedAsync(upload));
        await AssertGoneAsync(archive.Database, upload);
        Assert.Equal((StatusCode.NotFound, "UPLOAD_NOT_FOUND"), await FinishRefusedAsync(upload));

        upload = (await StartAsync(stated)).Upload;
        await WriteAsync(upload, bytes, 0, Part);
        Assert.Equal(stated.Sha256, (await FinishAsync(upload)).Sha256);
    }

    [Fact]
    public async Task A_part_that_was_changed_on_disk_becomes_no_evidence()
    {
        var bytes = RandomNumberGenerator.GetBytes(Part);
        var upload = (await StartAsync(Stated(bytes))).Upload;
        await WriteAsync(upload, bytes, 0, Part);
        Assert.Equal(1, await archive.TamperAsync("UPDATE capture_chunks SET data = set_byte(data, 100, get_byte(data, 100) # 1) WHERE capture_id = $1", Guid.Parse(upload.Name.Split('/')[1])));

        Assert.Equal((StatusCode.DataLoss, "UPLOAD_UNREADABLE"), await FinishRefusedAsync(upload));
        await AssertGoneAsync(archive.Database, upload);
    }

    [Fact]
    public async Task Other_bytes_under_the_same_name_are_refused_while_the_first_are_on_their_way()
    {
        var stated = Stated([1]);
        await StartAsync(stated);
        stated.Sha256 = ByteString.CopyFrom(SHA256.HashData([2]));

        Assert.Equal("CAPTURE_EXISTS", (await Some.RefusalAsync(archive.Client.StartCaptureUploadAsync(new() { Capture = stated }, ArchiveService.Archivist))).Reason);
    }

    [Fact]
    public async Task Two_who_send_the_same_part_at_once_store_it_once()
    {
        var bytes = RandomNumberGenerator.GetBytes(2 * Part);
        var upload = (await StartAsync(Stated(bytes))).Upload;
        for (var offset = 0; offset < bytes.Length; offset += Part)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            {
                try
                {
                    await WriteAsync(upload, bytes, offset, Part);
                    return "stored";
                }
                catch (RpcException refused)
                {
                    return refused.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason;
                }
            }));
            Assert.Equal(["UPLOAD_OFFSET_MISMATCH", "stored"], answers.Distinct().Order(StringComparer.Ordinal));
            Assert.Single(answers, "stored");
        }

        Assert.Equal(bytes, await ReadAsync(archive.Service, (await FinishAsync(upload)).Name));
    }

    [Fact]
    public async Task One_person_has_so_many_uploads_open_and_no_more()
    {
        var person = ArchiveService.Person($"busy-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", Roles.Archivist);
        var first = Stated([1]);
        await StartAsync(first, person);
        for (var number = 1; number < 20; number++)
        {
            await StartAsync(Stated([1]), person);
        }

        Assert.Equal(
            (StatusCode.ResourceExhausted, "UPLOADS_OPEN"), await RefusalAsync(archive.Client.StartCaptureUploadAsync(new() { Capture = Stated([1]) }, person)));
        var upload = (await StartAsync(first, person)).Upload;
        await WriteAsync(upload, [1], 0, 1);
        await FinishAsync(upload);
        await StartAsync(Stated([1]), person);
    }

    [Fact]
    public async Task What_nobody_goes_on_with_is_dropped_and_captures_never_are()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(
            database.ConnectionString, settings: new Dictionary<string, string?> { ["Captures:UploadSweepSeconds"] = "1" });
        var bytes = RandomNumberGenerator.GetBytes(Part);
        var kept = (await service.Client.StartCaptureUploadAsync(new() { Capture = Stated(bytes) }, ArchiveService.Archivist)).Upload;
        await service.Client.WriteCaptureUploadAsync(WriteRequest(kept, bytes, 0, Part), ArchiveService.Archivist);
        await service.Client.FinishCaptureUploadAsync(new() { Name = kept.Name }, ArchiveService.Archivist);
        var left = (await service.Client.StartCaptureUploadAsync(new() { Capture = Stated(bytes) }, ArchiveService.Archivist)).Upload;
        await service.Client.WriteCaptureUploadAsync(WriteRequest(left, bytes, 0, Part), ArchiveService.Archivist);

        await database.ExecuteAsync("UPDATE capture_uploads SET expires_at = now() - interval '1 second'");

        await Eventually.BecomesTrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM capture_uploads") == 0);
        await AssertGoneAsync(database, left);
        Assert.Equal(bytes, await ReadAsync(service, $"captures/{kept.Name.Split('/')[1]}"));
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => database.ExecuteAsync("DELETE FROM capture_chunks"));
        Assert.Equal(Npgsql.PostgresErrorCodes.RestrictViolation, refused.SqlState);
        refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => database.ExecuteAsync("INSERT INTO capture_chunks (capture_id, number, data, is_sealed) VALUES (gen_random_uuid(), 0, '', true)"));
        Assert.Equal(Npgsql.PostgresErrorCodes.ForeignKeyViolation, refused.SqlState);
    }

    [Fact]
    public async Task A_large_recording_outlives_crashes_of_the_service_and_takes_little_memory()
    {
        const long Size = 300L << 20;
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(
            // With more on its heap than this the process ends.
            database.ConnectionString, settings: new Dictionary<string, string?> { ["DOTNET_GCHeapHardLimit"] = "0x8000000" });
        var folder = Directory.CreateDirectory(Path.Combine(Servers.Folder, $"capture-{RandomNumberGenerator.GetHexString(8)}")).FullName;
        var file = Path.Combine(folder, "recording.webm");
        var sha256 = await MakeAsync(file, Size);
        var token = ArchiveService.Archivist.GetValue("authorization")!["Bearer ".Length..];
        string[] command =
        [
            "archive", "capture", file, "--url", "https://video.example/long", "--media-type", "video/webm", "--tool", "screen-recorder 3", "--collector", "collector-handle",
            "--archive", $"http://{service.Channel.Target}", "--token", token,
        ];

        var sending = CommandLine.RunAsync(folder, command);
        await ReceivedAsync(database, 40L << 20, sending);
        await service.KillAsync();
        await service.StartAgainAsync();
        await ReceivedAsync(database, 120L << 20, sending);
        await service.KillAsync();
        await service.StartAgainAsync();
        var sent = await sending;

        Assert.True(sent.ExitCode == 0, sent.Errors + service.Output);
        Assert.Contains("interrupted (Unavailable), goes on", sent.Errors, StringComparison.Ordinal);
        Assert.Contains($"of {Size} bytes are there", sent.Errors, StringComparison.Ordinal);
        var name = sent.Output.Split(' ')[0];
        Assert.Equal(sha256, await HashAsync(service, name));

        // The same command once more sends nothing, and answers the same.
        var repeated = await CommandLine.RunAsync(folder, command);
        Assert.Equal((0, sent.Output), (repeated.ExitCode, repeated.Output));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM captures"));
        Assert.Equal(Size, (await service.Client.ListLogEntriesAsync(new ListLogEntriesRequest { PageSize = 1_000 }, ArchiveService.Auditor))
            .Entries.Select(static entry => LogEntry.Parse(entry.Memory)).Single(static entry => entry.Kind == LogEntry.Kinds.Captured).Size);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task ReceivedAsync(TestDatabase database, long bytes, Task sending) => await Eventually.BecomesTrueAsync(
        async () =>
        {
            Assert.False(sending.IsCompleted, "It was sent before the service could be killed.");
            return await database.ScalarAsync<long>("SELECT coalesce(max(received_bytes), 0) FROM capture_uploads") >= bytes;
        },
        TimeSpan.FromMinutes(2));

    private static async Task<byte[]> MakeAsync(string file, long size)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var content = File.Create(file);
        var part = new byte[1 << 20];
        for (var written = 0L; written < size; written += part.Length)
        {
            Random.Shared.NextBytes(part);
            hash.AppendData(part);
            await content.WriteAsync(part, Ended);
        }

        return hash.GetHashAndReset();
    }

    private static async Task<byte[]> HashAsync(ArchiveService service, string capture)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var call = service.Client.ReadCapture(new ReadCaptureRequest { Name = capture }, ArchiveService.Auditor, cancellationToken: Ended);
        await foreach (var part in call.ResponseStream.ReadAllAsync(Ended))
        {
            hash.AppendData(part.Data.Span);
        }

        return hash.GetHashAndReset();
    }

    private static async Task<byte[]> ReadAsync(ArchiveService service, string capture)
    {
        using var call = service.Client.ReadCapture(new ReadCaptureRequest { Name = capture }, ArchiveService.Auditor, cancellationToken: Ended);
        var bytes = new MemoryStream();
        await foreach (var part in call.ResponseStream.ReadAllAsync(Ended))
        {
            part.Data.WriteTo(bytes);
        }

        return bytes.ToArray();
    }

    private static async Task AssertGoneAsync(TestDatabase database, CaptureUpload upload)
    {
        var id = Guid.Parse(upload.Name.Split('/')[1]);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM capture_uploads WHERE capture_id = $1", id));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM capture_chunks WHERE capture_id = $1", id));
        Assert.Equal(0, await TestKeys.Database.ScalarAsync<long>("SELECT count(*) FROM object_secrets WHERE object_id = $1", id));
    }

    private static Capture Stated(byte[] bytes) => new()
    {
        Source = $"uploads/{Guid.CreateVersion7()}",
        MediaType = "text/html",
        SizeBytes = bytes.Length,
        Sha256 = ByteString.CopyFrom(SHA256.HashData(bytes)),
        SourceUrl = "https://video.example/1",
        Tool = "browser-saver 1.2",
        Collector = "collector-handle",
        Saved = Some.Day("2021-01-19"),
    };

    private static WriteCaptureUploadRequest WriteRequest(CaptureUpload upload, byte[] bytes, int offset, int length)
    {
        var data = bytes.AsSpan(Math.Min(offset, bytes.Length), Math.Min(length, bytes.Length - Math.Min(offset, bytes.Length)));
        return new() { Name = upload.Name, Offset = offset, Data = ByteString.CopyFrom(data), DataSha256 = ByteString.CopyFrom(SHA256.HashData(data)) };
    }

    private async Task<StartCaptureUploadResponse> StartAsync(Capture stated, Metadata? who = null)
        => await archive.Client.StartCaptureUploadAsync(new() { Capture = stated }, who ?? ArchiveService.Archivist);

    private async Task<long> WriteAsync(CaptureUpload upload, byte[] bytes, int offset, int length)
        => (await archive.Client.WriteCaptureUploadAsync(WriteRequest(upload, bytes, offset, length), ArchiveService.Archivist)).Upload.ReceivedBytes;

    private async Task<Capture> FinishAsync(CaptureUpload upload)
        => (await archive.Client.FinishCaptureUploadAsync(new() { Name = upload.Name }, ArchiveService.Archivist)).Capture;

    private Task<(StatusCode Code, string Reason)> FinishRefusedAsync(CaptureUpload upload)
        => RefusalAsync(archive.Client.FinishCaptureUploadAsync(new() { Name = upload.Name }, ArchiveService.Archivist));

    private Task<(StatusCode Code, string Reason)> RefusalAsync(WriteCaptureUploadRequest request)
        => RefusalAsync(archive.Client.WriteCaptureUploadAsync(request, ArchiveService.Archivist));

    private static async Task<(StatusCode Code, string Reason)> RefusalAsync<T>(AsyncUnaryCall<T> call)
    {
        var (code, reason, _) = await Some.RefusalAsync(call);
        return (code, reason);
    }

    private async Task<(StatusCode Code, string Reason, int Expected)> MismatchAsync(CaptureUpload upload, byte[] bytes, int offset, int length)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => WriteAsync(upload, bytes, offset, length));
        var info = refused.GetRpcStatus()!.GetDetail<ErrorInfo>();
        return (refused.StatusCode, info.Reason, int.Parse(info.Metadata["expected_offset"], CultureInfo.InvariantCulture));
    }
}
