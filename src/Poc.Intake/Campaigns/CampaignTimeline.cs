using Google.Protobuf.WellKnownTypes;
using Poc.Postgres;
using Wire = Poc.Contracts.Intake.V1;

namespace Poc.Intake.Campaigns;

/// <summary>When a campaign's requests came, beside all others in its languages and what was usual before it: whether it stands out can be seen, and by how much.</summary>
internal static class CampaignTimeline
{
    private const long Hour = 3_600;
    private const long Day = 24 * Hour;
    private const long UsualDays = 14;
    private const int MostBuckets = 400;

    private const string SelectSpan =
        $"""
        SELECT min(f.received), max(f.received), array_agg(DISTINCT f.language),
            (count(DISTINCT f.source) FILTER (WHERE f.is_organisation))::integer, (count(DISTINCT f.source) FILTER (WHERE NOT f.is_organisation))::integer
        FROM campaigns c JOIN fingerprints f ON f.request IN (SELECT m.request FROM {CampaignRow.MembersOf})
        WHERE c.campaign = $1
        """;

    private const string SelectBuckets =
        $"""
        WITH own AS MATERIALIZED (SELECT m.request FROM campaigns c, LATERAL (SELECT m.request FROM {CampaignRow.MembersOf}) m WHERE c.campaign = $1)
        SELECT $2 + (f.received - $2) / $4 * $4 AS start, (count(o.request))::integer, (count(*) - count(o.request))::integer
        FROM fingerprints f LEFT JOIN own o ON o.request = f.request
        WHERE f.received BETWEEN $2 AND $3 AND f.language = ANY($5)
        GROUP BY start
        ORDER BY start
        """;

    // Since when anything was counted: before that nothing is known, rather than nothing was usual.
    private const string SelectUsual =
        """
        SELECT count(*)::integer, COALESCE((SELECT min(received) FROM fingerprints), 0)
        FROM fingerprints WHERE received >= $1 AND received < $2 AND language = ANY($3)
        """;

    /// <summary>The timeline of a campaign, null where all its requests are another's; and its sources by type.</summary>
    public static async Task<(Wire.CampaignTimeline? Timeline, int Organisations, int Individuals)> ReadAsync(Tx tx, int campaign)
    {
        var span = await tx.QuerySingleOrDefaultAsync(
            SelectSpan,
            static row => row.IsDBNull(0) ? null : new Span(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<string[]>(2), row.GetInt32(3), row.GetInt32(4)),
            campaign);
        if (span is null)
        {
            return (null, 0, 0);
        }

        var length = span.Last - span.First;
        var bucket = length <= 2 * Day ? Hour : Day * Math.Max(1, 1 + length / Day / MostBuckets);
        var from = span.First / bucket * bucket;
        var buckets = await tx.QueryAsync(SelectBuckets, static row => (Start: row.GetInt64(0), Own: row.GetInt32(1), Others: row.GetInt32(2)), campaign, from, span.Last, bucket, span.Languages);
        var (usual, known) = await tx.QuerySingleOrDefaultAsync(
            SelectUsual, static row => (row.GetInt32(0), row.GetInt64(1)), span.First - UsualDays * Day, span.First, span.Languages);
        var seen = span.First - Math.Max(known, span.First - UsualDays * Day);
        return (
            new Wire.CampaignTimeline
            {
                Step = Duration.FromTimeSpan(TimeSpan.FromSeconds(bucket)),
                Steps =
                {
                    buckets.Select(static one => new Wire.CampaignTimeline.Types.Step
                    {
                        StartsAt = DateTimeOffset.FromUnixTimeSeconds(one.Start).ToTimestamp(), Requests = one.Own, Others = one.Others,
                    }),
                },
                UsualPerStep = seen == 0 ? 0 : (double)usual * bucket / seen,
                UsualSeen = Duration.FromTimeSpan(TimeSpan.FromSeconds(seen)),
            },
            span.Organisations,
            span.Individuals);
    }

    private sealed record Span(long First, long Last, string[] Languages, int Organisations, int Individuals);
}
