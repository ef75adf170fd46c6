using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Rpc;
using Grpc.Core;

namespace Poc.Grpc.Tests.Hosting;

public sealed class StatusDetailsTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_over_4_MiB_is_refused_with_the_limit()
    {
        await using var server = await Server.StartAsync();

        var refusal = await server.Probe.EchoAsync(new ProbeRequest { Text = new string('x', 4 * 1024 * 1024) }, cancellationToken: Ended).RefusedAsync(StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE");

        Assert.Equal("4194304", refusal.Info().Metadata["maximum_bytes"]);
        Assert.Equal(4_000_000, (await server.Probe.EchoAsync(new ProbeRequest { Text = new string('x', 4_000_000) }, cancellationToken: Ended)).Text.Length);
    }

    [Theory]
    [InlineData("poc.probe.v1.ProbeService", "Vanish")]
    [InlineData("poc.probe.v1.NoService", "Echo")]
    public async Task An_unknown_method_is_said_to_be_one(string service, string name)
    {
        await using var server = await Server.StartAsync();
        var bytes = Marshallers.Create(static (byte[] message) => message, static message => message);

        using var call = server.Channel.CreateCallInvoker().AsyncUnaryCall(new Method<byte[], byte[]>(MethodType.Unary, service, name, bytes, bytes), null, new CallOptions(cancellationToken: Ended), []);

        await call.RefusedAsync(StatusCode.Unimplemented, "METHOD_UNKNOWN");
    }

    [Theory]
    [InlineData(new byte[] { 0x0A, 0x05, 0x41 })] // a text of five bytes of which one is there
    [InlineData(new byte[] { 0x0A, 0x02, 0xC3, 0x28 })] // a text that is not UTF-8
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF })]
    public async Task Bytes_that_are_not_the_request_message_are_the_callers_fault(byte[] message)
    {
        await using var server = await Server.StartAsync();

        Assert.Equal((StatusCode.InvalidArgument, "MESSAGE_MALFORMED"), await PostAsync(server, [0, 0, 0, 0, (byte)message.Length, .. message]));
    }

    [Fact]
    public async Task A_message_that_ends_too_early_is_the_callers_fault()
    {
        await using var server = await Server.StartAsync();

        Assert.Equal((StatusCode.InvalidArgument, "MESSAGE_MALFORMED"), await PostAsync(server, [0, 0, 0, 0, 9, 1]));
    }

    [Fact]
    public async Task A_small_message_that_grows_over_4_MiB_when_decompressed_is_refused()
    {
        await using var server = await Server.StartAsync();
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[256 * 1024 * 1024], Ended);
        }

        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, (int)compressed.Length);

        Assert.True(compressed.Length < 1024 * 1024);
        Assert.Equal((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"), await PostAsync(server, [1, .. length, .. compressed.ToArray()], encoding: "gzip"));
    }

    [Fact]
    public async Task An_unknown_compression_is_said_to_be_one()
    {
        await using var server = await Server.StartAsync();

        Assert.Equal((StatusCode.Unimplemented, "ENCODING_UNKNOWN"), await PostAsync(server, [1, 0, 0, 0, 1, 1], encoding: "zpaq"));
    }

    [Fact]
    public async Task Headers_over_16_KiB_never_reach_a_method()
    {
        await using var server = await Server.StartAsync();

        var refusal = await Assert.ThrowsAsync<RpcException>(() => server.Probe.FailAsync(
            new ProbeRequest { Text = "etag" }, new Metadata { { "x-large", new string('x', 17 * 1024) } }, cancellationToken: Ended).ResponseAsync);

        Assert.NotEqual(StatusCode.Aborted, refusal.StatusCode);
        Assert.Equal(0, server.State.Calls);
    }

    // Below the client library: bytes that it would not send.
    private static async Task<(StatusCode, string)> PostAsync(Server server, byte[] body, string? encoding = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address + "/poc.probe.v1.ProbeService/Echo")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (encoding is not null)
        {
            request.Headers.Add("grpc-encoding", encoding);
        }

        using var response = await http.SendAsync(request, Ended);
        var end = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
        var details = end.GetValues("grpc-status-details-bin").Single();
        var status = Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '=')));
        Assert.Equal(status.Code.ToString(), end.GetValues("grpc-status").Single());
        return ((StatusCode)status.Code, status.GetDetail<ErrorInfo>()!.Reason);
    }
}
