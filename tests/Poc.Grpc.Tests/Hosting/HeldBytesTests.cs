using System.Text;
using Grpc.Core;

namespace Poc.Grpc.Tests.Hosting;

public sealed class HeldBytesTests
{
    private const int Counted = 1_000_000;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_caller_and_all_together_have_their_share()
    {
        var held = new HeldBytes(new GrpcLimits { MaxHeldBytesOfCaller = 2_500_000, MaxHeldBytes = 4_000_000 });
        var (anna, boris) = (new Caller("partners/anna", new HashSet<string>()), new Caller("partners/boris", new HashSet<string>()));
        var calls = new List<HeldBytes.Call> { Begin(anna), Begin(anna) };

        Assert.Equal("TOO_MUCH_AT_ONCE", Assert.Throws<RpcError>(() => Begin(anna)).Reason);
        calls.Add(Begin(boris));
        Assert.Equal("TOO_MUCH_AT_ONCE", Assert.Throws<RpcError>(() => Begin(boris)).Reason);

        calls.ForEach(static call => call.Dispose());
        using var again = Begin(anna);

        HeldBytes.Call Begin(Caller caller)
        {
            var call = held.Begin(caller);
            call.Hold(Counted / 2);
            call.Hold(Counted + 65_536);
            call.Hold(Counted / 4);
            return call;
        }
    }

    [Fact]
    public void Small_messages_are_not_counted()
    {
        var held = new HeldBytes(new GrpcLimits { MaxHeldBytesOfCaller = 1, MaxHeldBytes = 1 });

        Assert.All(Enumerable.Range(0, 10_000), _ => held.Begin(Caller.Anonymous).Hold(65_536));
    }

    [Fact]
    public async Task Who_sends_too_much_at_once_hears_so_and_may_go_on_with_less()
    {
        await using var server = await Server.StartAsync(new Dictionary<string, string?> { ["Grpc:MaxHeldBytesOfCaller"] = "3000000" });
        using var gather = server.Probe.Gather(Server.Staff(Roles.Reviewer), cancellationToken: Ended);
        await gather.RequestStream.WriteAsync(new ProbeRequest { Text = new string('x', 2_000_000) }, Ended);
        using var chat = server.Probe.Chat(Server.Staff(Roles.Reviewer), cancellationToken: Ended);
        await chat.RequestStream.WriteAsync(new ProbeRequest { Text = "small" }, Ended);
        Assert.True(await chat.ResponseStream.MoveNext(Ended));
        var large = new ProbeRequest { Text = new string('y', 2_500_000) };

        // Wherever the message is read: before the method, in it, or as JSON.
        await Poc.Testing.Eventually.BecomesTrueAsync(async () => await ReasonAsync(server.Probe.EchoForReviewersAsync(large, Server.Staff(Roles.Reviewer), cancellationToken: Ended)) == "TOO_MUCH_AT_ONCE");
        await chat.RequestStream.TryWriteAsync(large);
        await chat.ResponseStream.MoveNext(Ended).RefusedAsync(StatusCode.ResourceExhausted, "TOO_MUCH_AT_ONCE");
        using var http = new HttpClient { DefaultRequestVersion = new Version(2, 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var post = new HttpRequestMessage(HttpMethod.Post, server.Address + "/v1/echo:forReviewers") { Content = new StringContent($$"""{"text":"{{large.Text}}"}""", Encoding.UTF8, "application/json"), Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        post.Headers.Add("authorization", Server.Staff(Roles.Reviewer).GetValue("authorization"));
        using var answer = await http.SendAsync(post, Ended);
        Assert.Contains("TOO_MUCH_AT_ONCE", await answer.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);

        await gather.RequestStream.CompleteAsync();
        await gather;
        Assert.Equal(large.Text, (await server.Probe.EchoForReviewersAsync(large, Server.Staff(Roles.Reviewer), cancellationToken: Ended)).Text);
    }

    private static async Task<string?> ReasonAsync(AsyncUnaryCall<ProbeResponse> call)
    {
        try
        {
            await call;
            return null;
        }
        catch (RpcException refusal)
        {
            return refusal.Info().Reason;
        }
    }
}
