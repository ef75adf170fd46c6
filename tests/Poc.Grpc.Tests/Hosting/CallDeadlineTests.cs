using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Poc.Grpc.Tests.Hosting;

public sealed class CallDeadlineTests
{
    private static readonly GrpcLimits Limits = new() { DefaultDeadline = TimeSpan.FromSeconds(30), MaxDeadline = TimeSpan.FromMinutes(2) };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "30000m")] // none: the default
    [InlineData("5S", "5000m")]
    [InlineData("1H", "120000m")] // longer than the longest
    [InlineData("99999999H", "120000m")]
    [InlineData("250m", "250m")]
    [InlineData("2M", "120000m")]
    [InlineData("7000u", "7m")]
    [InlineData("9000000n", "9m")]
    [InlineData("-5S", "30000m")] // not of the protocol's form: as if there were none
    [InlineData("5", "30000m")]
    [InlineData("999999999S", "30000m")]
    [InlineData("soon", "30000m")]
    public void Every_call_has_an_end_within_the_limit(string? asked, string granted)
    {
        var headers = new HeaderDictionary();
        if (asked is not null)
        {
            headers["grpc-timeout"] = asked;
        }

        CallDeadline.Apply(headers, Limits.DefaultDeadline, Limits.MaxDeadline);

        Assert.Equal(granted, headers["grpc-timeout"]);
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("ignore")]
    public async Task A_call_without_a_deadline_ends_at_the_default_even_if_the_method_does_not_listen(string how)
    {
        await using var server = await Server.StartAsync(new Dictionary<string, string?> { ["Grpc:DefaultDeadline"] = "00:00:00.250" });

        await server.Probe.FailAsync(new ProbeRequest { Text = how }, cancellationToken: Ended).RefusedAsync(StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED");
    }

    [Fact]
    public async Task A_client_cannot_hold_a_call_longer_than_the_limit()
    {
        await using var server = await Server.StartAsync(new Dictionary<string, string?> { ["Grpc:MaxDeadline"] = "00:00:00.250" });
        var aDay = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1);

        await server.Probe.FailAsync(new ProbeRequest { Text = "wait" }, deadline: aDay, cancellationToken: Ended).RefusedAsync(StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED");
    }

    [Fact]
    public async Task A_stream_may_stay_open_longer_than_a_call()
    {
        await using var server = await Server.StartAsync(new Dictionary<string, string?> { ["Grpc:DefaultDeadline"] = "00:00:00.100", ["Grpc:MaxDeadline"] = "00:00:00.100" });
        using var chat = server.Probe.Chat(Server.Staff(Roles.Reviewer), cancellationToken: Ended);
        await chat.RequestStream.WriteAsync(new ProbeRequest { Text = "first" }, Ended);
        Assert.True(await chat.ResponseStream.MoveNext(Ended));

        // A call that started later has come to its end; the stream has not.
        await server.Probe.FailAsync(new ProbeRequest { Text = "wait" }, cancellationToken: Ended).RefusedAsync(StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED");

        await chat.RequestStream.WriteAsync(new ProbeRequest { Text = "second" }, Ended);
        Assert.True(await chat.ResponseStream.MoveNext(Ended));
    }

    [Fact]
    public async Task A_stream_has_an_end_too()
    {
        await using var server = await Server.StartAsync(new Dictionary<string, string?> { ["Grpc:MaxStreamDeadline"] = "00:00:00.250" });
        using var chat = server.Probe.Chat(Server.Staff(Roles.Reviewer), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1), cancellationToken: Ended);

        await chat.ResponseStream.MoveNext(Ended).RefusedAsync(StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED");
    }

    [Fact]
    public async Task A_client_that_falls_silent_in_its_stream_is_not_waited_for()
    {
        await using var server = await Server.StartAsync(new Dictionary<string, string?> { ["Grpc:MaxSilence"] = "00:00:00.250" });
        using var gather = server.Probe.Gather(Server.Staff(Roles.Reviewer), cancellationToken: Ended);
        await gather.RequestStream.WriteAsync(new ProbeRequest { Text = "first" }, Ended);
        using var chat = server.Probe.Chat(Server.Staff(Roles.Reviewer), cancellationToken: Ended);

        await gather.ResponseAsync.RefusedAsync(StatusCode.DeadlineExceeded, "STREAM_SILENT");
        await chat.ResponseStream.MoveNext(Ended).RefusedAsync(StatusCode.DeadlineExceeded, "STREAM_SILENT");
    }

    [Fact]
    public async Task A_client_that_takes_no_answer_is_not_waited_for()
    {
        await using var server = await Server.StartAsync(new Dictionary<string, string?> { ["Grpc:MaxSilence"] = "00:00:00.500" });
        using var chat = server.Probe.Chat(Server.Staff(Roles.Reviewer), cancellationToken: Ended);

        // More than a client takes unasked. Once its own answers wait, the server reads no more either.
        var text = new string('x', 3_000_000);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (true)
            {
                await chat.RequestStream.WriteAsync(new ProbeRequest { Text = text }, Ended);
            }
        });

        Assert.Contains(await ReadToTheEndAsync(chat.ResponseStream), new[] { StatusCode.Internal, StatusCode.Cancelled, StatusCode.Unavailable });
    }

    private static async Task<StatusCode> ReadToTheEndAsync(IAsyncStreamReader<ProbeResponse> answers)
    {
        try
        {
            while (await answers.MoveNext(Ended))
            {
            }

            return StatusCode.OK;
        }
        catch (RpcException problem)
        {
            return problem.StatusCode;
        }
    }
}
