using System.Net;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Partners;
using Poc.Testing;
using Outcome = Poc.Contracts.Intake.V1.CredentialUse.Types.Outcome;

namespace Poc.Intake.Tests.Partners;

public sealed class CredentialUsesTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Administrator => IntakeServer.Staff(Roles.Administrator);

    [Fact]
    public async Task Calls_are_counted_by_credential_and_outcome()
    {
        // Nothing is written but by this test, and what was read of a key is not trusted on.
        await using var replica = await stack.ReplicaAsync(("Intake:LastUseInterval", "01:00:00"), ("Intake:ApiKeyCache", "00:00:00"));
        var partner = await replica.NewPartnerAsync();
        var second = partner with { ApiKey = await replica.NewKeyAsync(partner.Name) };
        var wrong = partner with { ApiKey = partner.ApiKey[..^43] + second.ApiKey[^43..] };
        var before = TimeProvider.System.GetUtcNow();
        await partner.SubmitAsync(Filings.Delist());
        await partner.SubmitAsync(Filings.Delist());
        await second.SubmitAsync(Filings.Delist());
        await wrong.SubmitAsync(Filings.Delist()).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        await replica.Admin.RevokeApiKeyAsync(new RevokeApiKeyRequest { RequestId = Filings.NewId(), Name = KeyName(second) }, Administrator, cancellationToken: Ended);
        await second.SubmitAsync(Filings.Delist()).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        await replica.Service<CredentialUses>().WriteAsync(Ended);
        await partner.SubmitAsync(Filings.Delist());
        await replica.Service<CredentialUses>().WriteAsync(Ended);

        var uses = (await replica.Admin.ListCredentialUsesAsync(new ListCredentialUsesRequest { Parent = partner.Name }, IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended)).CredentialUses;

        // Summed, should the hour have changed meanwhile.
        Assert.Equal(
            new[] { (KeyName(partner), Outcome.Accepted, 3L), (KeyName(partner), Outcome.SecretWrong, 1L), (KeyName(second), Outcome.Accepted, 1L), (KeyName(second), Outcome.Revoked, 1L) }.Order(),
            uses.GroupBy(static use => (use.Credential, use.Outcome)).Select(static same => (same.Key.Credential, same.Key.Outcome, same.Sum(static use => use.Calls))).Order());
        Assert.All(uses, use =>
        {
            Assert.Equal("127.0.0.0/24", use.Network);
            Assert.InRange(use.LastAt.ToDateTimeOffset(), before - TimeSpan.FromMilliseconds(1), TimeProvider.System.GetUtcNow());
            Assert.Equal(0, use.Hour.Seconds % 3600);
        });
    }

    [Fact]
    public async Task Keys_are_listed_with_their_last_use()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var unused = partner with { ApiKey = await partner.Server.NewKeyAsync(partner.Name) };
        await partner.SubmitAsync(Filings.Delist());
        await partner.Server.Service<CredentialUses>().WriteAsync(Ended);
        await partner.Server.Admin.RevokeApiKeyAsync(new RevokeApiKeyRequest { RequestId = Filings.NewId(), Name = KeyName(unused) }, Administrator, cancellationToken: Ended);
        var query = new ListApiKeysRequest { Parent = partner.Name, PageSize = 1 };

        var first = await partner.Server.Admin.ListApiKeysAsync(query, Administrator, cancellationToken: Ended);
        query.PageToken = first.NextPageToken;
        var second = await partner.Server.Admin.ListApiKeysAsync(query, Administrator, cancellationToken: Ended);

        Assert.Equal([KeyName(unused), KeyName(partner)], [Assert.Single(first.ApiKeys).Name, Assert.Single(second.ApiKeys).Name]);
        Assert.Empty(second.NextPageToken);
        Assert.Equal((true, false), (first.ApiKeys[0].RevokedAt is not null, first.ApiKeys[0].LastUsedAt is not null));
        Assert.Equal((false, true), (second.ApiKeys[0].RevokedAt is not null, second.ApiKeys[0].LastUsedAt is not null));
        await partner.Server.Admin.ListApiKeysAsync(new ListApiKeysRequest { Parent = "partners/nobody" }, Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "PARTNER_NOT_FOUND");
    }

    [Fact]
    public async Task Networks_beyond_the_limit_are_one_and_pages_go_through_all()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var uses = partner.Server.Service<CredentialUses>();
        for (var i = 0; i < CredentialUses.MaxNetworks + 8; i++)
        {
            uses.Note(KeyName(partner), new IPAddress([10, 0, (byte)i, 1]), Outcome.Accepted);
        }

        await uses.WriteAsync(Ended);

        var found = new List<CredentialUse>();
        var query = new ListCredentialUsesRequest { Parent = partner.Name, PageSize = 7 };
        do
        {
            var page = await partner.Server.Admin.ListCredentialUsesAsync(query, Administrator, cancellationToken: Ended);
            found.AddRange(page.CredentialUses);
            query.PageToken = page.NextPageToken;
        }
        while (query.PageToken.Length > 0);

        Assert.Equal(CredentialUses.MaxNetworks + 8, found.Sum(static use => use.Calls));
        Assert.Equal(found.Count, found.Select(static use => (use.Hour, use.Network)).Distinct().Count());
        Assert.All(found.GroupBy(static use => use.Hour), static hour => Assert.InRange(hour.Count(), 1, CredentialUses.MaxNetworks + 1));
        Assert.Contains(found, static use => use.Network == CredentialUses.OtherNetwork);
    }

    [Fact]
    public async Task What_cannot_be_written_is_kept_and_what_is_old_goes()
    {
        await using var own = await TestDatabase.CreateAsync("intakedb");
        using var meters = new TestMeters();
        using var uses = new CredentialUses(own.Database, Options.Create(new IntakeOptions()), new IntakeMetrics(meters), TimeProvider.System, NullLogger<CredentialUses>.Instance);
        await own.ExecuteAsync("INSERT INTO partners VALUES ('somebody', 'Somebody', 'SECTION', now())");
        await own.ExecuteAsync("INSERT INTO credential_uses VALUES ('somebody', now() - interval '500 days', 'apiKeys/old', 'other', 'ACCEPTED', 1, now())");
        uses.Note("partners/somebody/apiKeys/aaaaaa", IPAddress.Loopback, Outcome.Accepted);
        await own.ExecuteAsync("ALTER TABLE credential_uses RENAME TO away");
        await Assert.ThrowsAsync<PostgresException>(() => uses.WriteAsync(Ended));
        uses.Note("partners/somebody/apiKeys/aaaaaa", IPAddress.Loopback, Outcome.Accepted);
        await own.ExecuteAsync("ALTER TABLE away RENAME TO credential_uses");

        await uses.WriteAsync(Ended);
        await uses.WriteAsync(Ended);

        Assert.Equal(2, await own.ScalarAsync<long>("SELECT sum(calls)::bigint FROM credential_uses"));
    }

    [Theory]
    [InlineData("192.0.2.77", "192.0.2.0/24")]
    [InlineData("::ffff:192.0.2.77", "192.0.2.0/24")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48")]
    [InlineData(null, "other")]
    public void An_address_is_told_by_its_network(string? address, string network) => Assert.Equal(network, CredentialUses.NetworkOf(address is null ? null : IPAddress.Parse(address)));

    private static string KeyName(TestPartner partner) => $"{partner.Name}/apiKeys/{partner.ApiKey.Split('_')[1]}";

    private sealed class TestMeters : System.Diagnostics.Metrics.IMeterFactory
    {
        public System.Diagnostics.Metrics.Meter Create(System.Diagnostics.Metrics.MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
