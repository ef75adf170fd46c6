using Google.Protobuf.WellKnownTypes;
using Poc.Intake.Campaigns;
using Poc.Testing;
using Wire = Poc.Contracts.Intake.V1;

namespace Poc.Intake.Tests.Campaigns;

public sealed class CampaignTimelineTests
{
    private static readonly DateTimeOffset Noon = new(2021, 2, 3, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_burst_is_shown_by_the_hour_beside_others_and_what_was_usual_in_its_language()
    {
        await using var database = await TestDatabase.CreateAsync("intakedb");
        // Four a day in English for ten days, and Russian ones that are none of its business.
        for (var i = 1; i <= 40; i++)
        {
            await AddAsync(database, Noon.AddHours(-6 * i), "en", null);
            await AddAsync(database, Noon.AddHours(-6 * i), "ru", null);
        }

        foreach (var minutes in (int[])[0, 5, 10, 130])
        {
            await AddAsync(database, Noon.AddMinutes(minutes), "en", 1);
        }

        await AddAsync(database, Noon.AddMinutes(20), "en", null);
        await AddAsync(database, Noon.AddMinutes(30), "ru", null);

        var (timeline, organisations, individuals) = await database.Database.ReadAsync(static tx => CampaignTimeline.ReadAsync(tx, 1), Ended);

        Assert.Equal((0, 4), (organisations, individuals));
        Assert.Equal(TimeSpan.FromHours(1), timeline!.Step.ToTimeSpan());
        Assert.Equal([Step(0, 3, 1), Step(2, 1, 0)], timeline.Steps);
        Assert.Equal((40.0 / 240, TimeSpan.FromDays(10)), (timeline.UsualPerStep, timeline.UsualSeen.ToTimeSpan()));

        static Wire.CampaignTimeline.Types.Step Step(int hour, int requests, int others) => new() { StartsAt = Noon.AddHours(hour).ToTimestamp(), Requests = requests, Others = others };
    }

    [Fact]
    public async Task A_slow_campaign_is_shown_by_days()
    {
        await using var database = await TestDatabase.CreateAsync("intakedb");
        foreach (var day in (int[])[0, 0, 3, 12])
        {
            await AddAsync(database, Noon.AddDays(day), "en", 1);
        }

        var (timeline, _, _) = await database.Database.ReadAsync(static tx => CampaignTimeline.ReadAsync(tx, 1), Ended);

        Assert.Equal(TimeSpan.FromDays(1), timeline!.Step.ToTimeSpan());
        Assert.Equal([2, 1, 1], timeline.Steps.Select(static step => step.Requests));
        Assert.Equal((0, TimeSpan.Zero), (timeline.UsualPerStep, timeline.UsualSeen.ToTimeSpan())); // nothing was seen before it, which is not to say that nothing was usual
    }

    [Fact]
    public async Task A_campaign_without_requests_of_its_own_has_no_timeline()
    {
        await using var database = await TestDatabase.CreateAsync("intakedb");
        Assert.Null((await database.Database.ReadAsync(static tx => CampaignTimeline.ReadAsync(tx, 1), Ended)).Timeline);
    }

    // Each of a source of its own.
    private static Task<int> AddAsync(TestDatabase database, DateTimeOffset at, string language, int? campaign) => database.ExecuteAsync(
        """
        WITH request AS (
            INSERT INTO requests (id, partner_id, request_id, body_sha256, received_at, kind, subject, text, text_sha256, language, links, cited_statements, criteria, relation,
                urgency_reason, partner_reference, synthetic, state, state_sequence, state_reason, state_detail)
            VALUES (gen_random_uuid(), 'p', gen_random_uuid(), '\x00', $1, 'DELIST', 'subjects/a', 'Words.', '\x00', $2, '{}', '{}', '{}', 'FAMILY', '', '', true, 'RECEIVED', 1, '', '')
            RETURNING id),
        raised AS (
            INSERT INTO campaigns (campaign, raised_at, found_by, p, adjusted_p, chance_rate, explanations, links, detector, classification)
            SELECT $3, $1, 'url', 0, 0, 0, '[]', '[]', 'requests-1', 'UNSPECIFIED' WHERE $3::integer IS NOT NULL ON CONFLICT DO NOTHING),
        print AS (
            INSERT INTO fingerprints (request, received, source, is_organisation, language, version, signature, wording_keys, words, sentences, urls, hosts, anchors, has_quotation)
            SELECT id, extract(epoch FROM $1::timestamptz)::bigint, id::text, false, $2, 1, '\x', '{}', '\x', '\x', '{}', '{}', '{}', false FROM request
            RETURNING request)
        INSERT INTO campaign_members (request, campaign, joined_by) SELECT request, $3, 'url' FROM print WHERE $3::integer IS NOT NULL
        """,
        at, language, campaign);
}
