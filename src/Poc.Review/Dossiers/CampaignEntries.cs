using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Postgres;

namespace Poc.Review.Dossiers;

/// <summary>The entries of a dossier, as somebody reads them: a request by itself, or a campaign with its requests below it.</summary>
internal static class CampaignEntries
{
    // The campaign that stands for each one that requests joined, however often it became part of another. UNION: a circle, which Intake never tells, would end.
    private const string StandsForSql = """
        WITH RECURSIVE way AS (
            SELECT campaign AS joined, campaign AS stands FROM unnest($1::text[]) AS campaign
            UNION
            SELECT w.joined, m.merged_into FROM way AS w JOIN campaign_changes AS m ON m.campaign = w.stands AND m.kind = 'MERGED')
        SELECT w.joined, w.stands FROM way AS w
        WHERE NOT EXISTS (SELECT 1 FROM campaign_changes AS m WHERE m.campaign = w.stands AND m.kind = 'MERGED')
        """;

    private const string ChangesSql = """
        WITH RECURSIVE part AS (
            SELECT campaign AS stands, campaign FROM unnest($1::text[]) AS campaign
            UNION
            SELECT p.stands, m.campaign FROM part AS p JOIN campaign_changes AS m ON m.merged_into = p.campaign)
        SELECT p.stands, c.campaign, c.kind, c.classification, c.said_by, c.merged_into, c.changed_at
        FROM part AS p JOIN campaign_changes AS c ON c.campaign = p.campaign
        ORDER BY c.changed_at, c.campaign, c.kind, c.version
        """;

    private const string LabelsSql = """
        SELECT DISTINCT ON (campaign) campaign, classification FROM campaign_changes WHERE campaign = ANY($1) AND kind = 'CLASSIFIED' ORDER BY campaign, version DESC
        """;

    /// <summary>Gives each of these dossiers its entries, in the order in which the first request of each was received.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="dossiers">With their requests, oldest first; each request's <see cref="DossierRequest.Campaign"/> is the one that it joined, and becomes the one that stands for it.</param>
    public static async Task AddAsync(Tx tx, IEnumerable<Dossier> dossiers)
    {
        var all = dossiers.ToList();
        var joined = all.SelectMany(static dossier => dossier.Requests).Select(static request => request.Campaign).Where(static campaign => campaign.Length > 0).Distinct().ToArray();
        var standing = (await tx.QueryAsync(StandsForSql, static row => (Joined: row.GetString(0), Stands: row.GetString(1)), (object)joined))
            .ToDictionary(static pair => pair.Joined, static pair => pair.Stands, StringComparer.Ordinal);
        var named = standing.Values.Distinct().ToArray();
        var labels = (await tx.QueryAsync(LabelsSql, static row => (row.GetString(0), Label: row.GetString(1)), (object)named))
            .ToDictionary(static pair => pair.Item1, static pair => pair.Label, StringComparer.Ordinal);
        var changes = (await tx.QueryAsync(ChangesSql, static row => (Stands: row.GetString(0), Change: ReadChange(row)), (object)named)).ToLookup(static one => one.Stands, static one => one.Change);
        foreach (var dossier in all)
        {
            var entries = new Dictionary<string, DossierEntry>(StringComparer.Ordinal);
            foreach (var request in dossier.Requests)
            {
                request.Campaign = standing.GetValueOrDefault(request.Campaign, request.Campaign);
                if (request.Campaign.Length == 0 || !entries.TryGetValue(request.Campaign, out var entry))
                {
                    entry = new DossierEntry
                    {
                        Campaign = request.Campaign,
                        Classification = labels.GetValueOrDefault(request.Campaign, ""),
                        Contested = changes[request.Campaign].Any(static change => change.Kind == CampaignChange.Types.Kind.Contested),
                        History = { changes[request.Campaign] },
                    };
                    dossier.Entries.Add(entry);
                    entries.TryAdd(request.Campaign, entry);
                }

                entry.Requests.Add(request.Request);
            }
        }
    }

    private static CampaignChange ReadChange(NpgsqlDataReader row) => new()
    {
        Campaign = row.GetString(1),
        Kind = EnumText<CampaignChange.Types.Kind>.Parse(row.GetString(2)),
        Classification = row.GetString(3),
        SaidBy = row.GetString(4),
        MergedInto = row.IsDBNull(5) ? "" : row.GetString(5),
        ChangedAt = row.GetFieldValue<DateTimeOffset>(6).ToTimestamp(),
    };
}
