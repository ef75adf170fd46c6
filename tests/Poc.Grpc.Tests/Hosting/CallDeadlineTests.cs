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

        CallDeadline.Apply(headers, Limits);

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
}
