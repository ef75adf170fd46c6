using System.Reflection;
using Google.Protobuf;
using Grpc.Core;

namespace Poc.Grpc.Tests.Hosting;

public sealed class MethodGateTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static TheoryData<string> Methods => [.. ProbeService.Descriptor.Methods.Select(static method => method.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Who_may_call_a_method_is_what_its_attribute_says(string name)
    {
        await using var server = await Server.StartAsync();
        var allowed = typeof(Probe).GetMethod(name)?.GetCustomAttribute<AllowAttribute>()?.Roles ?? [];

        foreach (var role in new[] { Roles.Anonymous }.Concat(Roles.Staff))
        {
            var headers = role == Roles.Anonymous ? [] : Server.Staff(role);
            var expected = allowed.Count == 0 ? "METHOD_CLOSED"
                : allowed.Contains(Roles.Anonymous) || allowed.Contains(role) ? null
                : role == Roles.Anonymous ? "CREDENTIAL_MISSING" : "ROLE_MISSING";

            var refusal = await CallAsync(server, name, headers);

            Assert.Equal((role, expected), (role, refusal?.Info().Reason is "CREDENTIAL_MISSING" or "ROLE_MISSING" or "METHOD_CLOSED" ? refusal.Info().Reason : null));
            if (expected is not null)
            {
                Assert.Equal(expected == "CREDENTIAL_MISSING" ? StatusCode.Unauthenticated : StatusCode.PermissionDenied, refusal!.StatusCode);
            }
        }
    }

    [Fact]
    public async Task The_method_sees_who_calls()
    {
        await using var server = await Server.StartAsync();

        var anna = await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Server.Staff(Roles.Reviewer, Roles.Auditor), cancellationToken: Ended);
        var nobody = await server.Probe.EchoAsync(new ProbeRequest(), cancellationToken: Ended);

        Assert.Equal(("staff/anna", "auditor,reviewer"), (anna.Caller, string.Join(',', anna.Roles)));
        Assert.Equal("anonymous", nobody.Caller);
    }

    [Fact]
    public async Task A_refusal_names_the_roles_that_would_do()
    {
        await using var server = await Server.StartAsync();

        var refusal = await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Server.Staff(Roles.Archivist), cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");

        Assert.Equal("panel-chair,reviewer", refusal.Info().Metadata["allowed_roles"]);
    }

    [Fact]
    public async Task Who_is_refused_cannot_make_the_server_read_the_message()
    {
        await using var server = await Server.StartAsync();

        // Refused for its credential, not for its size: the size was never looked at.
        await server.Probe.EchoForReviewersAsync(new ProbeRequest { Text = new string('x', 5 * 1024 * 1024) }, cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_MISSING");
    }

    [Fact]
    public async Task Streams_pass_in_both_directions()
    {
        await using var server = await Server.StartAsync();
        using var chat = server.Probe.Chat(Server.Staff(Roles.Reviewer), cancellationToken: Ended);
        using var gather = server.Probe.Gather(Server.Staff(Roles.Reviewer), cancellationToken: Ended);

        foreach (var text in new[] { "a", "b", "c" })
        {
            await chat.RequestStream.WriteAsync(new ProbeRequest { Text = text }, Ended);
            Assert.True(await chat.ResponseStream.MoveNext(Ended));
            Assert.Equal((text, "staff/anna"), (chat.ResponseStream.Current.Text, chat.ResponseStream.Current.Caller));
            await gather.RequestStream.WriteAsync(new ProbeRequest { Text = text }, Ended);
        }

        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(Ended));
        await gather.RequestStream.CompleteAsync();
        Assert.Equal("abc", (await gather).Text);
    }

    // Any method by its name alone, as bytes: what the descriptor lists is what is called, streams too.
    private static async Task<RpcException?> CallAsync(Server server, string name, Metadata headers)
    {
        var bytes = Marshallers.Create(static (byte[] message) => message, static message => message);
        var method = new Method<byte[], byte[]>(MethodType.DuplexStreaming, ProbeService.Descriptor.FullName, name, bytes, bytes);
        using var call = server.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(method, null, new CallOptions(headers, cancellationToken: Ended));
        try
        {
            await call.RequestStream.TryWriteAsync(new ProbeRequest { Text = "etag" }.ToByteArray());
            await call.RequestStream.CompleteAsync();
            while (await call.ResponseStream.MoveNext(Ended))
            {
            }

            return null;
        }
        catch (RpcException refusal)
        {
            return refusal;
        }
    }
}
