using Grpc.Core;
using Poc.Contracts.Intake.V1;
using static Poc.Contracts.Intake.V1.Request.Types;

namespace Poc.Intake.Tests.Requests;

public sealed class WatchRequestTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_what_was_then_what_comes_and_ends_with_the_answer()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var others = await stack.OthersAsync();
        var name = (await partner.SubmitAsync(Filings.Delist())).Request.Name;
        using var watch = Watch(partner, name);
        Assert.Equal((1, State.Received), await NextAsync(watch));

        var dossier = $"dossiers/{Filings.NewId()}";
        await others.SayAsync(Judgements.Admissible(name, dossier));
        Assert.Equal((2, State.Admissible), await NextAsync(watch));
        Assert.Equal((3, State.InDossier), await NextAsync(watch));

        await others.SayAsync(Judgements.Announced(dossier));
        Assert.Equal((4, State.Answered), await NextAsync(watch));
        Assert.Equal("DECISION_ANNOUNCED", watch.ResponseStream.Current.StateReason);
        Assert.False(await watch.ResponseStream.MoveNext(Ended));
    }

    [Fact]
    public async Task Resumes_after_the_last_sequence_seen_on_any_replica()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        await using var replica = await stack.ReplicaAsync();
        var filed = (await partner.SubmitAsync(Filings.Delist())).Request.Name;
        using (var first = Watch(partner, filed))
        {
            Assert.Equal((1, State.Received), await NextAsync(first));
        }

        using var second = Watch(partner with { Server = replica }, filed, after: 1);
        await second.ResponseHeadersAsync;
        await partner.SubmitAsync(Filings.Withdraw(filed));

        Assert.Equal((2, State.Withdrawn), await NextAsync(second));
        Assert.False(await second.ResponseStream.MoveNext(Ended));
    }

    [Fact]
    public async Task Ends_at_once_where_nothing_more_can_come()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var filed = (await partner.SubmitAsync(Filings.Delist())).Request.Name;
        await partner.SubmitAsync(Filings.Withdraw(filed));

        using var watch = Watch(partner, filed, after: 2);

        Assert.False(await watch.ResponseStream.MoveNext(Ended));
    }

    [Fact]
    public async Task A_server_that_stops_sends_its_watchers_away()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var filed = (await partner.SubmitAsync(Filings.Delist())).Request.Name;
        var replica = await stack.ReplicaAsync();
        using var watch = Watch(partner with { Server = replica }, filed);
        Assert.Equal((1, State.Received), await NextAsync(watch));

        var stopped = replica.StopAsync();

        await watch.ResponseStream.MoveNext(Ended).RefusedAsync(StatusCode.Unavailable, "SHUTTING_DOWN");
        await stopped;
        await replica.DisposeAsync();
    }

    [Fact]
    public async Task A_negative_sequence_is_refused()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var filed = (await partner.SubmitAsync(Filings.Delist())).Request.Name;

        using var watch = Watch(partner, filed, after: -1);

        await watch.ResponseStream.MoveNext(Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
    }

    private static AsyncServerStreamingCall<WatchRequestResponse> Watch(TestPartner partner, string name, long after = 0) =>
        partner.Server.Client.WatchRequest(new WatchRequestRequest { Name = name, AfterSequence = after }, partner.Headers, cancellationToken: Ended);

    private static async Task<(long Sequence, State State)> NextAsync(AsyncServerStreamingCall<WatchRequestResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(Ended).WaitAsync(TimeSpan.FromSeconds(30), Ended));
        return (watch.ResponseStream.Current.Sequence, watch.ResponseStream.Current.State);
    }
}
