using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Partners;
using Poc.Testing;

namespace Poc.Intake.Tests.Partners;

public sealed class PartnerKeysTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_that_is_not_right_to_the_last_bit_is_refused()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var parts = partner.ApiKey.Split('_', 3);
        var flipped = (parts[2][0] == 'A' ? 'B' : 'A') + parts[2][1..];
        string[] wrong =
        [
            "", "poc", "poc__", $"poc_{parts[1]}_", $"poc_{parts[1]}_{flipped}", $"poc_unknown0_{parts[2]}", $"poc_{parts[1]}_{parts[2]}A", $"poc_{parts[1]}_{parts[2][..^1]}",
            $"POC_{parts[1]}_{parts[2]}", $"poc_{parts[1]}_{new string('*', 43)}", new string('x', 5_000),
        ];

        foreach (var key in wrong)
        {
            await partner.Server.Client.SubmitRequestAsync(Filings.Delist(), IntakeServer.Key(key), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        }

        await partner.SubmitAsync(Filings.Delist());
    }

    [Fact]
    public async Task Without_a_key_nobody_submits()
    {
        var intake = await stack.IntakeAsync();

        await intake.Client.SubmitRequestAsync(Filings.Delist(), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_MISSING");
        await intake.Client.SubmitRequestAsync(Filings.Delist(), IntakeServer.Staff(Roles.IntakeOfficer), cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
    }

    [Fact]
    public async Task A_revoked_key_is_dead_on_every_replica_within_five_seconds()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        await using var replica = await stack.ReplicaAsync();
        var elsewhere = partner with { Server = replica };
        await partner.SubmitAsync(Filings.Delist());
        await elsewhere.SubmitAsync(Filings.Delist());

        await partner.Server.Admin.RevokeApiKeyAsync(
            new RevokeApiKeyRequest { RequestId = Filings.NewId(), Name = $"{partner.Name}/apiKeys/{partner.ApiKey.Split('_')[1]}" }, IntakeServer.Staff(Roles.Administrator), cancellationToken: Ended);

        await Task.WhenAll(new[] { partner, elsewhere }.Select(static caller => Eventually.BecomesTrueAsync(
            async () => await Assert.ThrowsAsync<RpcException>(async () => await caller.SubmitAsync(Filings.Delist())) is { StatusCode: StatusCode.Unauthenticated }, TimeSpan.FromSeconds(5))));
    }

    [Fact]
    public async Task The_second_key_works_beside_the_first()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var message = Filings.Delist();
        var first = await partner.SubmitAsync(message);

        Assert.Equal(first, await (partner with { ApiKey = await partner.Server.NewKeyAsync(partner.Name) }).SubmitAsync(message));
    }

    [Fact]
    public async Task The_last_use_is_written_down()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var before = TimeProvider.System.GetUtcNow();
        await partner.SubmitAsync(Filings.Delist());

        await partner.Server.Service<CredentialUses>().WriteAsync(Ended);

        var used = await partner.Server.Database.ScalarAsync<DateTimeOffset>("SELECT last_used_at FROM api_keys WHERE api_key_id = $1", partner.ApiKey.Split('_')[1]);
        Assert.InRange(used, before - TimeSpan.FromMilliseconds(1), TimeProvider.System.GetUtcNow());
    }
}
