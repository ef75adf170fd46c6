using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Campaigns;

/// <summary>A campaign in short, as several methods give it.</summary>
internal static class CampaignRow
{
    /// <summary>The members of campaign <c>c</c>, by wording and by link.</summary>
    public const string MembersOf =
        "campaign_members m WHERE m.campaign = c.campaign OR m.cluster IN (SELECT k.cluster FROM campaign_clusters k WHERE k.campaign = c.campaign)";

    /// <summary>Campaign <c>c</c> and those that became part of it: what persons said of these was said of it.</summary>
    public const string PartsOf =
        "WITH RECURSIVE part AS (SELECT c.campaign AS number UNION ALL SELECT d.campaign FROM campaigns d JOIN part p ON d.part_of = p.number) SELECT number FROM part";

    /// <summary>Columns for <see cref="Read"/>; needs <see cref="From"/>.</summary>
    public const string Columns =
        "c.campaign, c.raised_at, c.found_by, c.adjusted_p, c.classification, c.detector, s.requests, s.sources, s.first_at, s.last_at, s.subjects, (SELECT count(*)::integer FROM campaign_contests t WHERE t.campaign IN (" + PartsOf + "))";

    /// <summary>Campaigns with what is counted of their members.</summary>
    public const string From =
        $"""
        campaigns c CROSS JOIN LATERAL (
            SELECT count(*)::integer AS requests, count(DISTINCT f.source)::integer AS sources, min(r.received_at) AS first_at, max(r.received_at) AS last_at,
                array_agg(DISTINCT COALESCE(r.confirmed_subject, r.subject)) FILTER (WHERE COALESCE(r.confirmed_subject, r.subject) IS NOT NULL) AS subjects
            FROM fingerprints f JOIN requests r ON r.id = f.request
            WHERE f.request IN (SELECT m.request FROM {MembersOf})) s
        """;

    private const string CurrentOf =
        """
        WITH RECURSIVE way AS (
            SELECT campaign, part_of FROM campaigns WHERE campaign = $1
            UNION ALL SELECT c.campaign, c.part_of FROM campaigns c JOIN way w ON c.campaign = w.part_of)
        SELECT campaign FROM way WHERE part_of IS NULL
        """;

    /// <summary>The campaign that this one is part of now, or itself; null where there is none.</summary>
    public static async Task<int?> CurrentAsync(Tx tx, int campaign) => await tx.QuerySingleOrDefaultAsync(CurrentOf, static row => (int?)row.GetInt32(0), campaign);

    /// <summary>Reads <see cref="Columns"/>.</summary>
    public static Campaign Read(NpgsqlDataReader row) => new()
    {
        Name = CampaignName.Of(row.GetInt32(0)),
        RaisedAt = row.GetFieldValue<DateTimeOffset>(1).ToTimestamp(),
        FoundBy = row.GetString(2),
        AdjustedP = row.GetDouble(3),
        Classification = EnumText<CampaignClassification>.Parse(row.GetString(4)),
        Detector = row.GetString(5),
        Requests = row.GetInt32(6),
        Sources = row.GetInt32(7),
        FirstAt = row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8).ToTimestamp(),
        LastAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9).ToTimestamp(),
        Subjects = { row.IsDBNull(10) ? [] : row.GetFieldValue<string[]>(10).Order(StringComparer.Ordinal) },
        Contests = row.GetInt32(11),
    };
}
