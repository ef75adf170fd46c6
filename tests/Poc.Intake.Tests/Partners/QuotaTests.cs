using System.Globalization;
using Google.Rpc;
using Grpc.Core;
using Poc.Testing;

namespace Poc.Intake.Tests.Partners;

public sealed class QuotaTests(IntakeStack stack)
{
    private static readonly (string, string)[] Five = [("Intake:QuotaBurst", "5"), ("Intake:QuotaPerSecond", "0.5")];

    [Fact]
    public async Task Beyond_the_burst_a_partner_is_told_when_to_come_back()
    {
        await using var replica = await stack.ReplicaAsync(Five);
        var partner = await replica.NewPartnerAsync();
        await RedisInUseAsync(replica, partner);
        partner = await replica.NewPartnerAsync();
        for (var i = 0; i < 5; i++)
        {
            await partner.SubmitAsync(Filings.Delist());
        }

        var refusal = await partner.SubmitAsync(Filings.Delist()).RefusedAsync(StatusCode.ResourceExhausted, "QUOTA_EXCEEDED");

        var retryAfter = refusal.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan();
        Assert.InRange(retryAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));
        Assert.InRange(long.Parse(refusal.Trailers.GetValue("grpc-retry-pushback-ms")!, CultureInfo.InvariantCulture), 1, 2_000);
        Assert.Equal((partner.Name, "0.5", "5"), (refusal.Info().Metadata["partner"], refusal.Info().Metadata["requests_per_second"], refusal.Info().Metadata["burst"]));
    }

    [Fact]
    public async Task Replicas_share_one_quota()
    {
        await using var one = await stack.ReplicaAsync(Five);
        await using var two = await stack.ReplicaAsync(Five);
        await RedisInUseAsync(one, await one.NewPartnerAsync());
        await RedisInUseAsync(two, await two.NewPartnerAsync());
        var partner = await one.NewPartnerAsync();
        for (var i = 0; i < 5; i++)
        {
            await (partner with { Server = i % 2 == 0 ? one : two }).SubmitAsync(Filings.Delist());
        }

        await partner.SubmitAsync(Filings.Delist()).RefusedAsync(StatusCode.ResourceExhausted, "QUOTA_EXCEEDED");
        await (partner with { Server = two }).SubmitAsync(Filings.Delist()).RefusedAsync(StatusCode.ResourceExhausted, "QUOTA_EXCEEDED");
    }

    [Fact]
    public async Task One_partner_does_not_use_up_anothers_quota()
    {
        await using var replica = await stack.ReplicaAsync(Five);
        var greedy = await replica.NewPartnerAsync();
        for (var i = 0; i < 5; i++)
        {
            await greedy.SubmitAsync(Filings.Delist());
        }

        await (await replica.NewPartnerAsync()).SubmitAsync(Filings.Delist());
    }

    [Fact]
    public async Task A_partner_that_waits_as_told_gets_through()
    {
        await using var replica = await stack.ReplicaAsync(("Intake:QuotaBurst", "2"), ("Intake:QuotaPerSecond", "4"));
        var partner = await replica.NewPartnerAsync();
        var refused = 0;
        // The client SDK's way: the refusal says when to come back.
        for (var stored = 0; stored < 6;)
        {
            try
            {
                await partner.SubmitAsync(Filings.Delist());
                stored++;
            }
            catch (RpcException refusal) when (refusal.StatusCode == StatusCode.ResourceExhausted)
            {
                refused++;
                await Task.Delay(refusal.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan(), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }

        Assert.InRange(refused, 1, 12);
    }

    [Fact]
    public async Task A_default_quota_lets_the_whole_burst_of_the_reference_story_in()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 412).Select(async _ => await partner.SubmitAsync(Filings.Delist())));

        Assert.Equal(412, answers.Select(static answer => answer.Request.Name).Distinct().Count());
    }

    // A replica counts by itself until it has connected; these tests are about the shared count.
    private static async Task RedisInUseAsync(IntakeServer server, TestPartner partner)
    {
        await Eventually.BecomesTrueAsync(async () => await server.HealthOfAsync("redis") == "Healthy");
        await partner.SubmitAsync(Filings.Delist());
    }
}
