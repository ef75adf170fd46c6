using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Poc.Campaigns.Requests;
using Poc.Kernel.Text;
using Poc.Postgres;

namespace Poc.Intake.Campaigns;

/// <summary>A request that is not counted yet.</summary>
internal sealed record Uncounted(Guid Id, DateTimeOffset ReceivedAt, CampaignRequest Request);

/// <summary>What the database knows of fingerprints, clusters and campaigns: read at the start, written with each group of requests.</summary>
internal static class CampaignLedger
{
    // OFFSET 0: request by request in the order of the index, until there are enough. As a join it was planned over all requests there are, for each group anew.
    private const string SelectUncounted =
        """
        SELECT r.id, r.received_at, r.partner_id, p.kind, r.partner_reference, r.language, r.text, r.links
        FROM (
            SELECT * FROM requests q
            WHERE q.received_at >= $1 AND q.kind <> 'WITHDRAW' AND NOT EXISTS (SELECT 1 FROM fingerprints f WHERE f.request = q.id OFFSET 0)
            ORDER BY q.received_at, q.id
            LIMIT $2) r JOIN partners p ON p.partner_id = r.partner_id
        ORDER BY r.received_at, r.id
        """;

    private const string SelectCampaigns =
        "SELECT campaign, raised_at, found_by, p, adjusted_p, chance_rate, explanations, links, link, part_of FROM campaigns ORDER BY campaign";

    private const string SelectHighest = "SELECT COALESCE((SELECT max(cluster) FROM campaign_clusters), 0), COALESCE((SELECT max(campaign) FROM campaigns), 0)";

    // The window, and older members of clusters that still have one in it: how many sources a slow campaign has is not forgotten.
    private const string SelectWindow =
        """
        WITH newest AS (SELECT request, sequence FROM fingerprints WHERE received >= $1 ORDER BY sequence DESC LIMIT $2),
        older AS (
            SELECT m.request FROM campaign_members m
            WHERE m.cluster IN (SELECT n.cluster FROM campaign_members n JOIN newest w ON w.request = n.request WHERE n.cluster IS NOT NULL))
        SELECT f.request, f.received, f.source, f.is_organisation, f.language, f.template, f.signature, f.words, f.sentences, f.urls, f.hosts, f.anchors, f.has_quotation,
            m.cluster, COALESCE(m.campaign, k.campaign), m.joined_by
        FROM fingerprints f LEFT JOIN campaign_members m ON m.request = f.request LEFT JOIN campaign_clusters k ON k.cluster = m.cluster
        WHERE f.request IN (SELECT request FROM newest UNION SELECT request FROM older)
        ORDER BY f.sequence
        """;

    private const string CopyFingerprints =
        """
        COPY fingerprints (request, received, source, is_organisation, language, template, version, signature, wording_keys, words, sentences, urls, hosts, anchors, has_quotation)
        FROM STDIN (FORMAT BINARY)
        """;

    private const string UpsertCampaign =
        """
        INSERT INTO campaigns (campaign, raised_at, found_by, p, adjusted_p, chance_rate, explanations, links, link, part_of, detector, classification, told)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'UNSPECIFIED', true)
        ON CONFLICT ON CONSTRAINT pk_campaigns DO UPDATE SET found_by = EXCLUDED.found_by, links = EXCLUDED.links
        RETURNING xmax = 0
        """;

    private const string Merge = "UPDATE campaigns SET part_of = $2 WHERE campaign = $1 AND part_of IS NULL";

    // Also what the detector does not hold any more: wordings that are too old to grow.
    private const string MoveClusters = "UPDATE campaign_clusters SET campaign = $2 WHERE campaign = $1";

    private const string MoveMembers = "UPDATE campaign_members SET campaign = $2 WHERE campaign = $1";

    private const string UpsertClusters =
        """
        INSERT INTO campaign_clusters AS c (cluster, campaign) SELECT * FROM unnest($1::integer[], $2::integer[])
        ON CONFLICT ON CONSTRAINT pk_campaign_clusters DO UPDATE SET campaign = COALESCE(EXCLUDED.campaign, c.campaign)
        """;

    private const string UpsertMembers =
        """
        INSERT INTO campaign_members (request, cluster, campaign, joined_by) SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[])
        ON CONFLICT ON CONSTRAINT pk_campaign_members DO UPDATE SET cluster = EXCLUDED.cluster, campaign = EXCLUDED.campaign, joined_by = EXCLUDED.joined_by
        """;

    private const string SelectTemplates = "SELECT partner_id, template_id, text FROM campaign_templates ORDER BY partner_id, template_id";

    private const string CountTemplates = "SELECT count(*)::integer FROM campaign_templates";

    /// <summary>Requests received since a time that have no fingerprint, in the order of receipt.</summary>
    public static Task<IReadOnlyList<Uncounted>> UncountedAsync(Tx tx, DateTimeOffset since, int most) => tx.QueryAsync(SelectUncounted, ReadUncounted, since, most);

    /// <summary>How many templates are declared: they are never changed, so another number says that there are more.</summary>
    public static Task<int> TemplateCountAsync(Tx tx) => tx.ScalarAsync<int>(CountTemplates);

    /// <summary>The declared templates.</summary>
    public static async Task<DeclaredTemplates> TemplatesAsync(Tx tx) =>
        new(await tx.QueryAsync(SelectTemplates, static row => new DeclaredTemplate($"partners/{row.GetString(0)}/templates/{row.GetString(1)}", row.GetString(2))));

    /// <summary>A detector as the database knows it, with the baseline of its window.</summary>
    public static async Task<(CampaignDetector Detector, Baseline Baseline, long Newest)> RestoreAsync(Tx tx, DateTimeOffset now)
    {
        var rows = await tx.QueryAsync(SelectWindow, ReadPlaced, now.ToUnixTimeSeconds() - DetectorLimits.WindowSeconds, DetectorLimits.WindowRequests);
        var baseline = new Baseline();
        foreach (var row in rows)
        {
            baseline.Observe(row.Print);
        }

        baseline.Learn();
        var detector = new CampaignDetector(baseline);
        var campaigns = new Dictionary<int, Campaign>();
        foreach (var (campaign, partOf) in await tx.QueryAsync(SelectCampaigns, row => ReadCampaign(row, campaigns)))
        {
            campaigns[campaign.Number] = campaign;
            detector.Restore(campaign);
        }

        foreach (var row in rows)
        {
            detector.Restore(row.Print, row.Cluster, row.Campaign is { } number ? campaigns[number] : null, row.JoinedBy);
        }

        var (clusters, raised) = await tx.QuerySingleOrDefaultAsync(SelectHighest, static row => (row.GetInt32(0), row.GetInt32(1)));
        detector.Reserve(clusters, raised);
        return (detector, baseline, rows.Count == 0 ? 0 : rows[^1].Print.At);
    }

    /// <summary>Keeps the fingerprints of a group and all that came of them, with the events.</summary>
    public static async Task WriteAsync(Tx tx, IReadOnlyList<Fingerprint> prints, DetectorChanges changes, CampaignNews news)
    {
        await CopyAsync(tx, prints);
        var (raised, merged) = (new List<Campaign>(), new List<Campaign>());
        foreach (var campaign in changes.Campaigns.OrderBy(static campaign => campaign.Number))
        {
            var isNew = await UpsertAsync(tx, campaign);
            if (isNew && campaign.PartOf is null)
            {
                raised.Add(campaign);
            }
            else if (!isNew && campaign.PartOf is { } older && await tx.ExecuteAsync(Merge, campaign.Number, older.Number) == 1)
            {
                merged.Add(campaign);
            }
        }

        var clusters = changes.Memberships.Where(static one => one.Cluster is not null).Select(static one => one.Cluster!.Value).Concat(changes.Clusters.Keys).Distinct().Order().ToArray();
        if (clusters.Length > 0)
        {
            await tx.ExecuteAsync(UpsertClusters, clusters, clusters.Select(cluster => changes.Clusters.TryGetValue(cluster, out var campaign) ? campaign : (int?)null).ToArray());
        }

        var places = changes.Memberships.GroupBy(static one => one.Request).Select(static group => group.Last()).ToList();
        if (places.Count > 0)
        {
            await tx.ExecuteAsync(
                UpsertMembers, places.Select(static one => Guid.ParseExact(one.Request, "D")).ToArray(), places.Select(static one => one.Cluster).ToArray(),
                places.Select(static one => one.Campaign).ToArray(), places.Select(static one => one.JoinedBy).ToArray());
        }

        foreach (var campaign in merged)
        {
            await tx.ExecuteAsync(MoveClusters, campaign.Number, campaign.Current.Number);
            await tx.ExecuteAsync(MoveMembers, campaign.Number, campaign.Current.Number);
        }

        foreach (var campaign in raised)
        {
            await news.TellRaisedAsync(tx, campaign.Number);
        }

        await news.TellJoinedAsync(tx, [.. places.Select(static one => Guid.ParseExact(one.Request, "D"))], [.. changes.Clusters.Keys]);
        foreach (var campaign in merged)
        {
            await news.TellMergedAsync(tx, campaign.Number, campaign.Current.Number);
        }
    }

    private static Task<bool> UpsertAsync(Tx tx, Campaign campaign) => tx.ScalarAsync<bool>(
        UpsertCampaign, campaign.Number, DateTimeOffset.FromUnixTimeSeconds(campaign.RaisedAt), campaign.FoundBy, campaign.P, campaign.AdjustedP, campaign.ChanceRate,
        Tx.Json(JsonSerializer.Serialize(campaign.Explanations)), Tx.Json(JsonSerializer.Serialize(campaign.Links)), (long?)campaign.Link, campaign.PartOf?.Number, DetectorLimits.Version);

    private static async Task CopyAsync(Tx tx, IReadOnlyList<Fingerprint> prints)
    {
        if (prints.Count == 0)
        {
            return;
        }

        await using var copy = await tx.Connection.BeginBinaryImportAsync(CopyFingerprints, tx.Cancellation);
        foreach (var print in prints)
        {
            await copy.StartRowAsync(tx.Cancellation);
            await copy.WriteAsync(Guid.ParseExact(print.Id, "D"), NpgsqlDbType.Uuid, tx.Cancellation);
            await copy.WriteAsync(print.At, NpgsqlDbType.Bigint, tx.Cancellation);
            await copy.WriteAsync(print.Source, NpgsqlDbType.Text, tx.Cancellation);
            await copy.WriteAsync(print.IsOrganisation, NpgsqlDbType.Boolean, tx.Cancellation);
            await copy.WriteAsync(print.Language, NpgsqlDbType.Text, tx.Cancellation);
            await (print.Template is null ? copy.WriteNullAsync(tx.Cancellation) : copy.WriteAsync(print.Template, NpgsqlDbType.Text, tx.Cancellation));
            await copy.WriteAsync((short)MinHash.Version, NpgsqlDbType.Smallint, tx.Cancellation);
            await copy.WriteAsync(MemoryMarshal.AsBytes(print.Signature.AsSpan()).ToArray(), NpgsqlDbType.Bytea, tx.Cancellation);
            await copy.WriteAsync(print.Signature.Length == 0 ? [] : MinHash.WordingKeys(print.Signature), NpgsqlDbType.Array | NpgsqlDbType.Bigint, tx.Cancellation);
            await copy.WriteAsync(MemoryMarshal.AsBytes(print.Words.AsSpan()).ToArray(), NpgsqlDbType.Bytea, tx.Cancellation);
            await copy.WriteAsync(print.Sentences, NpgsqlDbType.Bytea, tx.Cancellation);
            await copy.WriteAsync(Signed(print.Urls), NpgsqlDbType.Array | NpgsqlDbType.Bigint, tx.Cancellation);
            await copy.WriteAsync(Signed(print.Hosts), NpgsqlDbType.Array | NpgsqlDbType.Bigint, tx.Cancellation);
            await copy.WriteAsync(Signed(print.Anchors), NpgsqlDbType.Array | NpgsqlDbType.Bigint, tx.Cancellation);
            await copy.WriteAsync(print.HasQuotation, NpgsqlDbType.Boolean, tx.Cancellation);
        }

        await copy.CompleteAsync(tx.Cancellation);
    }

    // A section passes on what individuals wrote; its own reference tells them apart. An organisation speaks for itself, however often.
    private static Uncounted ReadUncounted(NpgsqlDataReader row)
    {
        var (id, partner, reference) = (row.GetGuid(0), row.GetString(2), row.GetString(4));
        var isOrganisation = row.GetString(3) == "ORGANISATION";
        var account = $"{partner}/{(reference.Length > 0 ? reference : id.ToString("D"))}";
        var received = row.GetFieldValue<DateTimeOffset>(1);
        return new Uncounted(id, received, new CampaignRequest(
            id.ToString("D"), received.ToUnixTimeSeconds(), account, isOrganisation ? partner : "", row.GetString(5), row.GetString(6), row.GetFieldValue<string[]>(7)));
    }

    private static Placed ReadPlaced(NpgsqlDataReader row) => new(
        new Fingerprint
        {
            Id = row.GetGuid(0).ToString("D"),
            At = row.GetInt64(1),
            Source = row.GetString(2),
            IsOrganisation = row.GetBoolean(3),
            Language = row.GetString(4),
            Template = row.IsDBNull(5) ? null : row.GetString(5),
            Signature = MemoryMarshal.Cast<byte, uint>(row.GetFieldValue<byte[]>(6)).ToArray(),
            Words = MemoryMarshal.Cast<byte, uint>(row.GetFieldValue<byte[]>(7)).ToArray(),
            Sentences = row.GetFieldValue<byte[]>(8),
            Urls = Unsigned(row.GetFieldValue<long[]>(9)),
            Hosts = Unsigned(row.GetFieldValue<long[]>(10)),
            Anchors = Unsigned(row.GetFieldValue<long[]>(11)),
            HasQuotation = row.GetBoolean(12),
        },
        row.IsDBNull(13) ? null : row.GetInt32(13), row.IsDBNull(14) ? null : row.GetInt32(14), row.IsDBNull(15) ? "" : row.GetString(15));

    private static (Campaign Campaign, int? PartOf) ReadCampaign(NpgsqlDataReader row, Dictionary<int, Campaign> older)
    {
        int? partOf = row.IsDBNull(9) ? null : row.GetInt32(9);
        return (Campaign.Restored(
            row.GetInt32(0), row.GetFieldValue<DateTimeOffset>(1).ToUnixTimeSeconds(), row.GetString(2), row.GetDouble(3), row.GetDouble(4), row.GetDouble(5),
            JsonSerializer.Deserialize<List<CheckedExplanation>>(row.GetString(6))!, JsonSerializer.Deserialize<List<CampaignLink>>(row.GetString(7))!,
            row.IsDBNull(8) ? null : (ulong)row.GetInt64(8), partOf is { } number ? older.GetValueOrDefault(number) : null), partOf);
    }

    private static long[] Signed(ulong[] values) => [.. values.Select(static value => (long)value)];

    private static ulong[] Unsigned(long[] values) => [.. values.Select(static value => (ulong)value)];

    private sealed record Placed(Fingerprint Print, int? Cluster, int? Campaign, string JoinedBy);
}
