using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Poc.Campaigns.Requests;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Campaigns;
using Poc.Migrator;
using Poc.Postgres;
using Poc.Testing;
using Engine = Poc.Campaigns.Requests;

namespace Poc.Intake.Tests.Campaigns;

/// <summary>What others are told of campaigns. Not beside the other tests of campaigns: databases of their own give the same numbers, and the bus is one.</summary>
[Collection(nameof(CampaignTests))]
public sealed class CampaignNewsTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Officer => IntakeServer.Staff(Roles.IntakeOfficer);

    [Fact]
    public async Task What_became_part_of_another_campaign_takes_its_requests_and_all_that_was_said_along()
    {
        var bus = await Servers.NewBusAsync();
        var surroundings = await IntakeStack.OwnAsync(bus, (await Servers.RedisAsync()).ConnectionString);
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var others = await OtherService.StartAsync(bus, "merge-listener");
        await using var intake = await IntakeServer.StartAsync(surroundings);
        var partner = await intake.NewPartnerAsync();
        var names = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            names.Add((await partner.SubmitAsync(Filings.Delist($"Letter {i}, which is unlike each other one. (synthetic)"))).Request.Name);
        }

        await Eventually.BecomesTrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM fingerprints") == 6);
        var (older, younger) = (Raised(1, null), Raised(2, null));
        await WriteAsync(intake, new DetectorChanges { Campaigns = { older, younger }, Clusters = { [11] = 1, [12] = 2 }, Memberships = { In(names[0], 11), In(names[1], 11), In(names[2], 12), In(names[3], 12) } });
        await intake.Campaigns.ClassifyCampaignAsync(
            new() { RequestId = Filings.NewId(), Name = "campaigns/2", Classification = CampaignClassification.Suspected, Reasons = "Copies." }, Officer, cancellationToken: Ended);
        await intake.Campaigns.ContestCampaignAsync(new() { RequestId = Filings.NewId(), Name = "campaigns/2", Reason = "Our members." }, partner.Headers, cancellationToken: Ended);

        // The detector forgot the wording 12, which is too old: it is not in the changes.
        await WriteAsync(intake, new DetectorChanges { Campaigns = { older, Raised(2, older) }, Clusters = { [13] = 1 }, Memberships = { In(names[4], 13), new(Id(names[5]), null, 1, "url") } });

        var shown = await intake.Campaigns.GetCampaignAsync(new() { Name = "campaigns/2" }, Officer, cancellationToken: Ended);
        Assert.Equal(("campaigns/1", 6, 1), (shown.Campaign.Name, shown.Campaign.Requests, shown.Campaign.Contests));
        Assert.Equal(("campaigns/2", "Copies."), (Assert.Single(shown.Classifications).Campaign, shown.Classifications[0].Reasons));
        Assert.Equal(("campaigns/2", "Our members."), (Assert.Single(shown.Contests).Campaign, shown.Contests[0].Reason));
        Assert.Equal(names, (await intake.Campaigns.ListCampaignResiduesAsync(new() { Name = "campaigns/2" }, Officer, cancellationToken: Ended)).Residues.Select(static residue => residue.Request));
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<CampaignMerged>().Any() && others.Heard.OfType<CampaignRequestsJoined>().Sum(static joined => joined.Requests.Count) == 6);
        Assert.Equal(("campaigns/2", "campaigns/1"), (others.Heard.OfType<CampaignMerged>().Single().Aggregate, others.Heard.OfType<CampaignMerged>().Single().Into));
        Assert.Equal(
            [("campaigns/1", 1), ("campaigns/1", 2), ("campaigns/2", 1)],
            others.Heard.OfType<CampaignRequestsJoined>().Select(static joined => (joined.Aggregate, (int)joined.Version)).Order());
    }

    [Fact]
    public async Task What_an_earlier_version_told_nobody_is_told_whole()
    {
        const int Requests = 1_100;
        var connection = await Servers.NewDatabaseAsync("intakedb");
        await Migrations.ApplyAsync(
            connection, [.. ServiceDatabases.ScriptsOf("intakedb").Where(static script => string.CompareOrdinal(script.Name, "0014") < 0)], NullLogger.Instance, CancellationToken.None);
        await using (var old = Npgsql.NpgsqlDataSource.Create(connection))
        {
            await new Database(old, TimeProvider.System).InTransactionAsync(static tx => tx.ExecuteAsync(OldData), CancellationToken.None);
        }

        var bus = await Servers.NewBusAsync();
        await using var others = await OtherService.StartAsync(bus, "older-listener");
        await using var database = await TestDatabase.AtAsync(connection, "intakedb");
        await using var archive = await Archive.StartAsync();
        await using var intake = await IntakeServer.StartAsync(new Surroundings(database, bus, (await Servers.RedisAsync()).ConnectionString, archive));

        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<CampaignRequestsJoined>().Sum(static joined => joined.Requests.Count) == Requests
            && others.Heard.OfType<CampaignClassified>().Count() == 2 && others.Heard.OfType<CampaignContested>().Any() && others.Heard.OfType<CampaignMerged>().Any());
        Assert.Equal(["campaigns/1", "campaigns/2"], others.Heard.OfType<CampaignRaised>().Select(static raised => raised.Aggregate).Order());
        Assert.Equal(["subjects/a"], others.Heard.OfType<CampaignRaised>().First(static raised => raised.Aggregate == "campaigns/1").Subjects);
        Assert.All(others.Heard.OfType<CampaignRequestsJoined>(), static joined => Assert.Equal("campaigns/1", joined.Aggregate));
        Assert.Equal([(1L, 500), (2L, 500), (3L, 100)], others.Heard.OfType<CampaignRequestsJoined>().Select(static joined => (joined.Version, joined.Requests.Count)).Order());
        Assert.Equal([(1L, "SUSPECTED"), (2L, "SHARED_REACTION")], others.Heard.OfType<CampaignClassified>().Select(static said => (said.Version, said.Classification)).Order());
    }

    // A campaign of two, the younger one's wording left behind when it became part of the older one.
    private const string OldData =
        """
        INSERT INTO requests (id, partner_id, request_id, body_sha256, received_at, kind, subject, text, text_sha256, language, links, cited_statements, criteria, relation,
            urgency_reason, partner_reference, synthetic, state, state_sequence, state_reason, state_detail)
        SELECT ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'old', gen_random_uuid(), '\x00', now() - interval '1 hour' + i * interval '1 ms', 'DELIST', 'subjects/a', 'Old words.', '\x00', 'en',
            '{}', '{}', '{}', 'FAMILY', '', '', true, 'RECEIVED', 1, '', ''
        FROM generate_series(1, 1100) AS i;
        INSERT INTO fingerprints (request, received, source, is_organisation, language, version, signature, band_keys, words, sentences, urls, hosts, anchors, has_quotation)
        SELECT id, extract(epoch FROM received_at)::bigint, id::text, false, 'en', 1, '\x', '{}', '\x', '\x', '{}', '{}', '{}', false FROM requests ORDER BY received_at;
        INSERT INTO campaigns (campaign, raised_at, found_by, p, adjusted_p, chance_rate, explanations, links, part_of, detector, classification)
        VALUES (1, now(), 'wording', 0, 0, 0, '[]', '[]', NULL, 'requests-1', 'SHARED_REACTION'), (2, now(), 'wording', 0, 0, 0, '[]', '[]', 1, 'requests-1', 'UNSPECIFIED');
        INSERT INTO campaign_clusters (cluster, campaign) VALUES (1, 1), (2, 2), (3, NULL);
        INSERT INTO campaign_members (request, cluster, joined_by) SELECT id, 1 + (row_number() OVER (ORDER BY id) % 2), 'wording' FROM requests;
        INSERT INTO campaign_classifications (campaign, sequence, classification, reasons, classified_by, classified_at)
        VALUES (1, 1, 'SUSPECTED', 'Copies.', 'staff/anna', now()), (1, 2, 'SHARED_REACTION', 'A broadcast.', 'staff/anna', now());
        INSERT INTO campaign_contests (id, campaign, partner_id, reason, contested_at) VALUES (gen_random_uuid(), 1, 'old', 'Ours.', now());
        """;

    private static Engine.Campaign Raised(int number, Engine.Campaign? partOf) => Engine.Campaign.Restored(number, 1_700_000_000, "wording", 0, 0, 0, [], [], null, partOf);

    private static Membership In(string name, int cluster) => new(Id(name), cluster, null, "wording");

    private static string Id(string name) => name.Split('/')[^1];

    private static Task WriteAsync(IntakeServer intake, DetectorChanges changes) => intake.Database.Database.InTransactionAsync(
        tx => CampaignLedger.WriteAsync(tx, [], changes, intake.Service<CampaignNews>()), Ended);
}
