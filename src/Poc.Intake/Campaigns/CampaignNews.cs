using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Campaigns;

/// <summary>What Review and Notification are told of campaigns, written in the transaction that makes it true. Only whoever counts writes it, one at a time.</summary>
internal sealed class CampaignNews(IdSource ids, TimeProvider clock)
{
    private const int MostInEvent = 500;

    private const string SelectShort = $"SELECT {CampaignRow.Columns} FROM {CampaignRow.From} WHERE c.campaign = $1";

    // Null for all. What is in a campaign never leaves it alone, so each is told once.
    private const string SelectUntold =
        """
        SELECT r.id, 'partners/' || r.partner_id || '/requests/' || r.id, COALESCE(m.campaign, k.campaign)
        FROM campaign_members m LEFT JOIN campaign_clusters k ON k.cluster = m.cluster JOIN requests r ON r.id = m.request
        WHERE COALESCE(m.campaign, k.campaign) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM campaign_joins j WHERE j.request = m.request)
            AND ($1::uuid[] IS NULL OR m.request = ANY($1) OR m.cluster = ANY($2))
        ORDER BY COALESCE(m.campaign, k.campaign), r.received_at, r.id
        """;

    private const string SelectVersion = "SELECT COALESCE(max(version), 0) FROM campaign_joins WHERE campaign = $1";

    private const string InsertJoins = "INSERT INTO campaign_joins (request, campaign, version, joined_at) SELECT r, $2, $3, $4 FROM unnest($1::uuid[]) AS r";

    private const string TakeOlder = "UPDATE campaigns SET told = true WHERE NOT told RETURNING campaign, part_of";

    private const string SelectClassified = "SELECT sequence, classified_at, classification, classified_by FROM campaign_classifications WHERE campaign = $1 ORDER BY sequence";

    private const string SelectContested = "SELECT contested_at FROM campaign_contests WHERE campaign = $1 ORDER BY contested_at, id";

    /// <summary>Similar requests are a campaign; with it, or soon after, come <see cref="TellJoinedAsync"/>.</summary>
    /// <returns>Whom it is about.</returns>
    public async Task<IReadOnlyList<string>> TellRaisedAsync(Tx tx, int campaign)
    {
        var now = clock.GetUtcNow();
        var shown = (await tx.QuerySingleOrDefaultAsync(SelectShort, CampaignRow.Read, campaign))!;
        await Outbox.AddAsync(tx, new CampaignRaised(
            ids.Next(), shown.Name, 1, now, [.. shown.Subjects], shown.Requests, shown.Sources, Time(shown.FirstAt), Time(shown.LastAt), shown.Detector));
        return [.. shown.Subjects];

        // Of one whose requests are all another's by now there is no first.
        DateTimeOffset Time(Google.Protobuf.WellKnownTypes.Timestamp? at) => (at ?? shown.RaisedAt).ToDateTimeOffset();
    }

    /// <summary>A campaign is part of an older one.</summary>
    public Task TellMergedAsync(Tx tx, int younger, int older) =>
        Outbox.AddAsync(tx, new CampaignMerged(ids.Next(), CampaignName.Of(younger), 1, clock.GetUtcNow(), CampaignName.Of(older)));

    /// <summary>Tells which requests are in campaigns and were not told yet.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="requests">Those that have another place now; null for all there are.</param>
    /// <param name="clusters">Wordings that have another campaign now: all their requests are looked at, so never those that merely grew.</param>
    public async Task TellJoinedAsync(Tx tx, Guid[]? requests, int[]? clusters)
    {
        var untold = await tx.QueryAsync(SelectUntold, static row => (Id: row.GetGuid(0), Name: row.GetString(1), Campaign: row.GetInt32(2)), requests, clusters);
        foreach (var campaign in untold.GroupBy(static one => one.Campaign))
        {
            var version = await tx.ScalarAsync<long>(SelectVersion, campaign.Key);
            foreach (var chunk in campaign.Chunk(MostInEvent))
            {
                var now = clock.GetUtcNow();
                await tx.ExecuteAsync(InsertJoins, chunk.Select(static one => one.Id).ToArray(), campaign.Key, ++version, now);
                await Outbox.AddAsync(tx, new CampaignRequestsJoined(ids.Next(), CampaignName.Of(campaign.Key), version, now, [.. chunk.Select(static one => one.Name)]));
            }
        }
    }

    /// <summary>Tells the whole of what earlier versions kept to themselves. Who has heard a part of it knows it by its version.</summary>
    public async Task TellOlderAsync(Tx tx)
    {
        foreach (var (campaign, partOf) in (await tx.QueryAsync(TakeOlder, static row => (row.GetInt32(0), row.IsDBNull(1) ? null : (int?)row.GetInt32(1)))).Order())
        {
            var subjects = await TellRaisedAsync(tx, campaign);
            var name = CampaignName.Of(campaign);
            foreach (var (sequence, at, what, by) in await tx.QueryAsync(
                SelectClassified, static row => (row.GetInt32(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3)), campaign))
            {
                await Outbox.AddAsync(tx, new CampaignClassified(ids.Next(), name, sequence, at, what, by));
            }

            var contests = await tx.QueryAsync(SelectContested, static row => row.GetFieldValue<DateTimeOffset>(0), campaign);
            for (var i = 0; i < contests.Count; i++)
            {
                await Outbox.AddAsync(tx, new CampaignContested(ids.Next(), name, i + 1, contests[i], subjects));
            }

            if (partOf is { } older)
            {
                await TellMergedAsync(tx, campaign, older);
            }
        }

        await TellJoinedAsync(tx, null, null);
    }
}
