using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Testing;

namespace Poc.Intake.Tests.Attacks;

/// <summary>Tests that take the whole machine: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>
/// Attacks of the kinds that shared limits name, on a running Intake: each sends, or would unpack, several times what it may make the process grow. See docs/limits.md.
/// </summary>
[Collection(nameof(Alone))]
public sealed class AttackTests(AttackedIntake intake) : IClassFixture<AttackedIntake>
{
    private const string SubmitRequest = "/poc.intake.v1.IntakeService/SubmitRequest";
    private const string UploadAttachment = "/poc.intake.v1.AttachmentService/UploadAttachment";

    // A method for staff: to a partner it is closed.
    private const string CreatePartner = "/poc.intake.v1.PartnerAdminService/CreatePartner";

    private const string Unauthenticated = "16", PermissionDenied = "7", ResourceExhausted = "8", InvalidArgument = "3";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private (string Name, string Value) Key => ("x-api-key", intake.Partner.ApiKey);

    [Fact]
    public void What_measures_memory_sees_what_is_taken()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The kernel is asked for a process's memory by /proc.");
        var memory = new ProcessMemory(Environment.ProcessId);
        memory.ForgetPeak();
        var before = memory.Now;

        var taken = new byte[300 << 20];
        taken.AsSpan().Fill(1);

        // The collector may give something else back meanwhile.
        Assert.True(memory.Peak - before > 200 << 20);
        GC.KeepAlive(taken);
    }

    [Theory]
    [InlineData(SubmitRequest, true, ResourceExhausted)]
    [InlineData(SubmitRequest, false, Unauthenticated)]
    [InlineData(CreatePartner, true, PermissionDenied)]
    [InlineData(UploadAttachment, true, ResourceExhausted)]
    public Task Messages_far_too_large(string method, bool known, string status) => intake.WithstandsAsync(() =>
        AtOnceAsync(16, async client =>
        {
            // Two gigabytes in all.
            var content = new StreamContent(new Endless(128 << 20, Prefix(isCompressed: false, 128 << 20)));
            Assert.Contains(await CallAsync(client, method, known, content), new[] { status, null });
        }));

    [Theory]
    [InlineData(SubmitRequest, true, ResourceExhausted)]
    [InlineData(SubmitRequest, false, Unauthenticated)]
    [InlineData(CreatePartner, true, PermissionDenied)]
    [InlineData(UploadAttachment, true, ResourceExhausted)]
    public Task Messages_that_unpack_to_half_a_gigabyte(string method, bool known, string status) => intake.WithstandsAsync(() =>
        AtOnceAsync(16, async client =>
        {
            var bomb = _bomb.Value;
            var content = new ByteArrayContent([.. Prefix(isCompressed: true, bomb.Length), .. bomb]);
            content.Headers.Add("grpc-encoding", "gzip");
            Assert.Equal(status, await CallAsync(client, method, known, content));
        }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Json_bodies_far_too_large(bool saysItsSize) => intake.WithstandsAsync(() =>
        AtOnceAsync(8, async client =>
        {
            var content = new StreamContent(new Endless(256 << 20, "{\"request_id\":\""u8.ToArray(), (byte)'7'));
            content.Headers.ContentLength = saysItsSize ? 256 << 20 : null;
            Assert.Contains(await PostJsonAsync(client, content), new HttpStatusCode?[] { HttpStatusCode.TooManyRequests, null });
        }));

    [Theory]
    [InlineData("[")]
    [InlineData("{\"request\":")]
    public Task Json_that_is_deep(string opening) => intake.WithstandsAsync(() =>
        AtOnceAsync(16, async client => Assert.Equal(HttpStatusCode.BadRequest, await PostJsonAsync(client, new StringContent(string.Concat(Enumerable.Repeat(opening, 1_000_000 / opening.Length)))))));

    [Fact]
    public Task Messages_that_nest_without_end() => intake.WithstandsAsync(() =>
        AtOnceAsync(16, async client =>
        {
            // Field 15, a group that begins and begins (wire type 3): the reader of a group calls itself.
            var content = new ByteArrayContent([.. Prefix(isCompressed: false, 1_000_000), .. Enumerable.Repeat((byte)0x7B, 1_000_000)]);
            Assert.Equal(InvalidArgument, await CallAsync(client, SubmitRequest, known: true, content));
        }));

    [Fact]
    public Task Headers_beyond_16_KiB() => intake.WithstandsAsync(() =>
        AtOnceAsync(64, async client =>
        {
            using var two = new HttpRequestMessage(HttpMethod.Get, $"{intake.Process.Address}/v1/anything") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var one = new HttpRequestMessage(HttpMethod.Get, $"{intake.Process.Web}/v1/anything");
            foreach (var request in new[] { two, one })
            {
                request.Headers.Add("x-filler", new string('x', 60_000));
                Assert.Contains(await SendAsync(client, request), new HttpStatusCode?[] { HttpStatusCode.RequestHeaderFieldsTooLarge, null });
            }
        }));

    [Fact]
    public Task Headers_that_never_end() => intake.WithstandsAsync(() =>
        OnConnectionsAsync(16, async wire =>
        {
            await wire.SendAsync(Http2Wire.Headers, 0, 1, Http2Wire.Call(SubmitRequest), Ended);
            var more = Http2Wire.Frame(Http2Wire.Continuation, 0, 1, Http2Wire.Fields([("x-filler", new string('x', 16_000))]));
            for (var sent = 0; sent < 64 << 20; sent += more.Length)
            {
                await wire.SendAsync(more, Ended);
            }

            Assert.Fail("64 MiB of headers were taken.");
        }));

    [Fact]
    public async Task A_byte_a_second_in_hundreds_of_streams()
    {
        var streams = 0;
        await intake.WithstandsAsync(() => OnConnectionsAsync(50, async wire =>
        {
            // Six uploads on each connection, and the first byte of a message that is never whole.
            int[] ids = [1, 3, 5, 7, 9, 11];
            foreach (var id in ids)
            {
                await wire.SendAsync(Http2Wire.Headers, Http2Wire.EndHeaders, id, Http2Wire.Call(UploadAttachment, Key), Ended);
                await wire.SendAsync(Http2Wire.Data, 0, id, Prefix(isCompressed: false, 1_000_000), Ended);
            }

            while (ids.Any(id => !wire.Ended.ContainsKey(id)))
            {
                foreach (var id in ids.Where(id => !wire.Ended.ContainsKey(id)))
                {
                    await wire.SendAsync(Http2Wire.Data, 0, id, new byte[1], Ended);
                }

                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Ended);
            }

            Assert.All(wire.Ended.Values, static answer => Assert.Contains("No whole message came on this stream for 2 s.", Encoding.ASCII.GetString(answer), StringComparison.Ordinal));
            Interlocked.Add(ref streams, wire.Ended.Count);
        }));
        Assert.Equal(300, streams);
    }

    [Fact]
    public async Task A_byte_a_second_of_Json()
    {
        var ended = 0;
        await intake.WithstandsAsync(() => Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            var web = new Uri(intake.Process.Web);
            using var client = new TcpClient(web.Host, web.Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/requests HTTP/1.1\r\nHost: {web.Authority}\r\nContent-Type: application/json\r\n{Key.Name}: {Key.Value}\r\nContent-Length: 1000000\r\n\r\n"), Ended);

            // The server speaks first, and the only thing it has to say is that this takes too long.
            var answer = new StreamReader(stream).ReadLineAsync(Ended).AsTask();
            try
            {
                while (!answer.IsCompleted)
                {
                    await stream.WriteAsync("{"u8.ToArray(), Ended);
                    await Task.WhenAny(answer, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Ended));
                }

                Assert.Contains((await answer)?.Split(' ')[1], new[] { "400", "408", null });
            }
            catch (IOException)
            {
                // Closed while we sent.
            }

            Interlocked.Increment(ref ended);
        })));
        Assert.Equal(200, ended);
    }

    [Fact]
    public Task Messages_that_stop_before_their_last_byte() => intake.WithstandsAsync(() =>
        OnConnectionsAsync(4, async wire =>
        {
            // 100 streams a connection, 4 MB in each: more than a gigabyte. The server must get rid of them by itself.
            var part = new byte[16_000];
            for (var id = 1; id < 200; id += 2)
            {
                await wire.SendAsync(Http2Wire.Headers, Http2Wire.EndHeaders, id, Http2Wire.Call(SubmitRequest, Key, ("grpc-timeout", "8S")), Ended);
            }

            await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
            {
                var sent = await wire.SendDataAsync(2 * i + 1, Prefix(isCompressed: false, 4_000_000), Ended);
                for (var length = 0; sent && length < 3_900_000; length += part.Length)
                {
                    sent = await wire.SendDataAsync(2 * i + 1, part, Ended);
                }
            }));
            while (wire.Ended.Count < 100 && !wire.Closed.IsCompleted)
            {
                await wire.NextFrameAsync(Ended);
            }
        }));

    [Fact]
    public Task Twenty_thousand_rapid_resets() => intake.WithstandsAsync(async () =>
    {
        var block = Http2Wire.Call(SubmitRequest, Key);
        var reset = new byte[] { 0, 0, 0, 8 };
        for (var sent = 0; sent < 20_000;)
        {
            await using var wire = await Http2Wire.ConnectAsync(intake.Process.Address, Ended);
            try
            {
                // Until the server has had enough of this connection; then the next one.
                for (var id = 1; sent < 20_000 && !wire.Closed.IsCompleted; id += 2, sent++)
                {
                    await wire.SendAsync(new byte[][] { Http2Wire.Frame(Http2Wire.Headers, Http2Wire.EndHeaders, id, block), Http2Wire.Frame(Http2Wire.Reset, 0, id, reset) }.SelectMany(static frame => frame).ToArray(), Ended);
                }
            }
            catch (SocketException)
            {
                // Closed while we sent.
            }
        }
    });

    [Theory]
    [InlineData(Http2Wire.Ping, 0, 8)]
    [InlineData(Http2Wire.Settings, 0, 0)]
    [InlineData(Http2Wire.WindowUpdate, 0, 4)]
    [InlineData(Http2Wire.Data, 1, 0)]
    public Task Floods_of_frames_that_ask_for_an_answer_nobody_reads(byte type, int stream, int length) => intake.WithstandsAsync(() =>
        OnConnectionsAsync(4, async wire =>
        {
            await wire.SendAsync(Http2Wire.Headers, Http2Wire.EndHeaders, 1, Http2Wire.Call(UploadAttachment, Key), Ended);
            var payload = new byte[length];
            if (length == 4)
            {
                payload[3] = 1;
            }

            var frames = Enumerable.Repeat(Http2Wire.Frame(type, 0, stream, payload), 1_000).SelectMany(static frame => frame).ToArray();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ended);
            patience.CancelAfter(TimeSpan.FromSeconds(5));
            try
            {
                for (var sent = 0; sent < 1_000; sent++)
                {
                    await wire.SendAsync(frames, patience.Token);
                }
            }
            catch (OperationCanceledException) when (!Ended.IsCancellationRequested)
            {
                // The server takes no more while we take nothing: as good as an end.
            }
        }, reads: false));

    [Fact]
    public async Task Thousands_of_idle_connections()
    {
        var connections = new List<Http2Wire>();
        try
        {
            await intake.WithstandsAsync(async () =>
            {
                while (connections.Count < 2_000)
                {
                    connections.Add(await Http2Wire.ConnectAsync(intake.Process.Address, Ended));
                }
            });
        }
        finally
        {
            foreach (var connection in connections)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private static readonly Lazy<byte[]> _bomb = new(static () =>
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            new Endless(512 << 20, []).CopyTo(gzip);
        }

        return packed.ToArray();
    });

    // The five bytes before a gRPC message.
    private static byte[] Prefix(bool isCompressed, int length)
    {
        var prefix = new byte[5];
        prefix[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), length);
        return prefix;
    }

    private static Task AtOnceAsync(int count, Func<HttpClient, Task> call) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(
        async () =>
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
            await call(client);
        })));

    // A server that ends a connection in the middle of the attack has defended itself.
    private Task OnConnectionsAsync(int count, Func<Http2Wire, Task> attack, bool reads = true) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(
        async () =>
        {
            await using var wire = await Http2Wire.ConnectAsync(intake.Process.Address, Ended, reads);
            try
            {
                await attack(wire);
            }
            catch (SocketException problem)
            {
                TestContext.Current.TestOutputHelper!.WriteLine($"The server ended the connection: {problem.SocketErrorCode}");
            }
        })));

    // The status of a gRPC call; null where the server reset the stream while it was still being sent.
    private async Task<string?> CallAsync(HttpClient client, string method, bool known, HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, intake.Process.Address + method) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (known)
        {
            request.Headers.Add(Key.Name, Key.Value);
        }

        try
        {
            using var answer = await client.SendAsync(request, Ended);
            return (answer.Headers.TryGetValues("grpc-status", out var status) || answer.TrailingHeaders.TryGetValues("grpc-status", out status) ? status : throw new InvalidDataException($"{answer}")).Single();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task<HttpStatusCode?> PostJsonAsync(HttpClient client, HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{intake.Process.Web}/v1/requests") { Content = content };
        request.Headers.Add(Key.Name, Key.Value);
        return await SendAsync(client, request);
    }

    // Null where the server ended the connection instead of an answer.
    private static async Task<HttpStatusCode?> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        try
        {
            using var answer = await client.SendAsync(request, Ended);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>So many bytes, beginning with these, the rest all the same.</summary>
    private sealed class Endless(long length, byte[] beginning, byte filler = 0) : Stream
    {
        private long _given;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var part = buffer[..(int)Math.Min(buffer.Length, length - _given)];
            part.Fill(filler);
            for (var i = 0; i < part.Length && _given + i < beginning.Length; i++)
            {
                part[i] = beginning[_given + i];
            }

            _given += part.Length;
            return part.Length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
