using Google.Rpc;
using Grpc.Core;
using Poc.Testing;

namespace Poc.Grpc.Tests.Hosting;

public sealed class CallBoundaryTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("etag", StatusCode.Aborted, "ETAG_MISMATCH")]
    [InlineData("bug", StatusCode.Internal, "INTERNAL")]
    [InlineData("sql", StatusCode.Internal, "INTERNAL")]
    [InlineData("restart", StatusCode.Unavailable, "DATABASE_UNAVAILABLE")]
    [InlineData("standby", StatusCode.Unavailable, "DATABASE_UNAVAILABLE")]
    [InlineData("refused", StatusCode.Unavailable, "DATABASE_UNAVAILABLE")]
    [InlineData("dependency", StatusCode.Unavailable, "DEPENDENCY_UNAVAILABLE")]
    [InlineData("denied-elsewhere", StatusCode.Internal, "INTERNAL")]
    public async Task Every_failure_leaves_with_its_reason_and_nothing_of_its_cause(string failure, StatusCode code, string reason)
    {
        await using var server = await Server.StartAsync();

        var unary = await server.Probe.FailAsync(new ProbeRequest { Text = failure }, cancellationToken: Ended).RefusedAsync(code, reason);
        using var stream = server.Probe.FailInStream(new ProbeRequest { Text = failure }, cancellationToken: Ended);
        Assert.True(await stream.ResponseStream.MoveNext(Ended));
        var streamed = await stream.ResponseStream.MoveNext(Ended).RefusedAsync(code, reason);

        foreach (var refusal in new[] { unary, streamed })
        {
            var everything = refusal.Status.Detail + refusal.GetRpcStatus() + string.Concat(refusal.Trailers.Where(static t => !t.IsBinary).Select(static t => t.Value));
            Assert.DoesNotContain(Probe.Secret, everything, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", everything, StringComparison.Ordinal);
            Assert.DoesNotContain("10.1.2.3", everything, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_fault_of_ours_is_found_in_the_log_by_the_trace_id_it_answers_with()
    {
        await using var server = await Server.StartAsync();

        var refusal = await server.Probe.FailAsync(new ProbeRequest { Text = "bug" }, cancellationToken: Ended).RefusedAsync(StatusCode.Internal, "INTERNAL");

        var traceId = refusal.Info().Metadata["trace_id"];
        Assert.Contains(server.Log.Errors, line => line.Contains(traceId, StringComparison.Ordinal) && line.Contains(Probe.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_wrong_fields_are_named_at_once_and_their_values_are_not_repeated()
    {
        await using var server = await Server.StartAsync();

        var refusal = await server.Probe.FailAsync(new ProbeRequest { Text = "fields" }, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        var violations = refusal.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations;
        Assert.Equal(["request.text", "request_id", "request.text"], violations.Select(static v => v.Field));
        Assert.DoesNotContain(Probe.Secret, refusal.GetRpcStatus()!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_may_be_tried_again_says_when_in_the_details_and_in_the_trailer()
    {
        await using var server = await Server.StartAsync();

        var refusal = await server.Probe.FailAsync(new ProbeRequest { Text = "retry" }, cancellationToken: Ended).RefusedAsync(StatusCode.Unavailable, "DEPENDENCY_UNAVAILABLE");

        Assert.Equal(TimeSpan.FromSeconds(1), refusal.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan());
        Assert.Equal("1000", refusal.Trailers.GetValue("grpc-retry-pushback-ms"));
        Assert.Equal("archive", refusal.Info().Metadata["service"]);
    }

    [Fact]
    public async Task A_stream_that_is_refused_while_its_client_still_sends_leaves_the_connections_other_calls_alone()
    {
        await using var server = await Server.StartAsync();
        var reviewer = Server.Staff(Roles.Reviewer);

        var refused = Enumerable.Range(0, 8).Select(async _ =>
        {
            using var call = server.Probe.Gather(reviewer, cancellationToken: Ended);
            try
            {
                await call.RequestStream.WriteAsync(new ProbeRequest { Text = "refuse" }, Ended);
                for (var i = 0; i < 50; i++)
                {
                    await call.RequestStream.WriteAsync(new ProbeRequest { Text = new string('x', 50_000) }, Ended);
                }

                await call.RequestStream.CompleteAsync();
            }
            catch (Exception early) when (early is RpcException or InvalidOperationException)
            {
                // The call has ended already: its answer says why.
            }

            await call.ResponseAsync.RefusedAsync(StatusCode.Aborted, "ETAG_MISMATCH");
        }).ToArray();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("here", (await server.Probe.EchoAsync(new ProbeRequest { Text = "here" }, cancellationToken: Ended)).Text);
        }

        await Task.WhenAll(refused);
    }

    [Fact]
    public async Task A_call_that_its_caller_gives_up_is_cancelled_in_the_method_and_is_no_fault()
    {
        await using var server = await Server.StartAsync();
        using var patience = new CancellationTokenSource();

        var call = server.Probe.FailAsync(new ProbeRequest { Text = "wait" }, cancellationToken: patience.Token).ResponseAsync;
        await server.State.Waiting.Task.WaitAsync(TimeSpan.FromSeconds(10), Ended);
        await patience.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
        await Eventually.BecomesTrueAsync(() => server.Log.Lines.Any(static line => line.Contains("ended with Cancelled CANCELLED", StringComparison.Ordinal)));
        Assert.DoesNotContain(server.Log.Errors, static line => line.Contains("poc.probe", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_of_a_stream_that_is_too_large_is_the_callers_fault()
    {
        await using var server = await Server.StartAsync();
        using var call = server.Probe.Chat(Server.Staff(Roles.Reviewer), cancellationToken: Ended);

        await call.RequestStream.WriteAsync(new ProbeRequest { Text = "small" }, Ended);
        Assert.True(await call.ResponseStream.MoveNext(Ended));
        await call.RequestStream.TryWriteAsync(new ProbeRequest { Text = new string('x', 4 * 1024 * 1024) });

        var refusal = await call.ResponseStream.MoveNext(Ended).RefusedAsync(StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE");
        Assert.Equal("4194304", refusal.Info().Metadata["maximum_bytes"]);
    }

    [Fact]
    public async Task A_service_that_was_mapped_past_the_gate_is_open_to_nobody()
    {
        await using var server = await Server.StartAsync(map: static app => Microsoft.AspNetCore.Builder.GrpcEndpointRouteBuilderExtensions.MapGrpcService<Probe>(app));

        await server.Probe.EchoAsync(new ProbeRequest(), cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "METHOD_CLOSED");
    }
}
