using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Postgres;
using Engine = Poc.Campaigns.Requests;

namespace Poc.Intake.Campaigns;

/// <summary>
/// What every request of a campaign says beside the wording that it shares, page by page. What a wording's letters share is found in letters spread over its whole time, so that a
/// request has the same residue on whatever page it stands.
/// </summary>
internal sealed class ListCampaignResidues(Database database, PageTokens tokens)
{
    private const int MaxPage = 100;
    private const int MaxNamed = 100;

    // Array rather than join: both indexes of members are used.
    private const string MembersOf = "(n.campaign = $1 OR n.cluster = ANY(ARRAY(SELECT k.cluster FROM campaign_clusters k WHERE k.campaign = $1)))";

    private const string SelectPage =
        $"""
        SELECT r.id, r.partner_id, r.received_at, f.language, r.text, f.source, n.joined_by, n.cluster, f.sequence
        FROM campaign_members n JOIN fingerprints f ON f.request = n.request JOIN requests r ON r.id = n.request
        WHERE {MembersOf} AND f.sequence > $2 AND ($3::uuid[] IS NULL OR n.request = ANY($3))
        ORDER BY f.sequence
        LIMIT $4
        """;

    private const string SelectSample =
        $"""
        SELECT s.cluster, r.text FROM (
            SELECT n.request, n.cluster, f.sequence, row_number() OVER (PARTITION BY n.cluster ORDER BY f.sequence) - 1 AS place, count(*) OVER (PARTITION BY n.cluster) AS members
            FROM campaign_members n JOIN fingerprints f ON f.request = n.request
            WHERE {MembersOf} AND COALESCE(n.cluster, 0) = ANY($2)) s
        JOIN requests r ON r.id = s.request
        WHERE s.place % ((s.members + $3 - 1) / $3) = 0
        ORDER BY s.sequence
        """;

    public async Task<ListCampaignResiduesResponse> HandleAsync(ListCampaignResiduesRequest message, ServerCallContext context)
    {
        var wrong = new Violations().MaxCount("requests", message.Requests.Count, MaxNamed);
        var named = CampaignName.Read(wrong, message.Name);
        var only = new List<Guid>();
        for (var i = 0; i < Math.Min(message.Requests.Count, MaxNamed); i++)
        {
            wrong.Require(RequestName.TryParse(message.Requests[i], out var request), $"requests[{i}]", $"must be a name like {RequestName.Pattern}, as it was given");
            only.Add(request.Id);
        }

        wrong.ThrowIfAny();
        var size = PageSize.Coerce(message.PageSize, 50, MaxPage);
        var after = tokens.Read(message, message.PageToken) is { } cursor ? long.Parse(cursor, CultureInfo.InvariantCulture) : 0;
        return await database.ReadAsync(async tx =>
        {
            var campaign = await CampaignRow.CurrentAsync(tx, named) ?? throw IntakeErrors.CampaignNotFound(message.Name);
            var found = await tx.QueryAsync(SelectPage, Read, campaign, after, only.Count == 0 ? null : only.ToArray(), size + 1);
            var page = found.Take(size).ToList();
            return new ListCampaignResiduesResponse
            {
                Residues = { await ResiduesAsync(tx, campaign, page) },
                NextPageToken = found.Count > size ? tokens.Issue(message, page[^1].Sequence.ToString(CultureInfo.InvariantCulture)) : "",
            };
        }, context.CancellationToken);
    }

    private static async Task<IEnumerable<CampaignResidue>> ResiduesAsync(Tx tx, int campaign, List<Member> page)
    {
        var samples = (await tx.QueryAsync(
            SelectSample, static row => (Cluster: row.IsDBNull(0) ? 0 : row.GetInt32(0), Text: row.GetString(1)), campaign, page.Select(static member => member.Cluster).Distinct().ToArray(),
            Engine.CampaignEvidence.Compared)).ToLookup(static one => one.Cluster, static one => one.Text);
        return page.GroupBy(static member => member.Cluster).SelectMany(wording =>
            Engine.CampaignEvidence.Residues(samples[wording.Key], [.. wording.Select(static member => (ToMember(member), member.Text))]).Zip(wording))
            .OrderBy(static pair => pair.Second.Sequence)
            .Select(static pair => new CampaignResidue
            {
                Request = pair.First.Id,
                ReceivedAt = pair.Second.ReceivedAt.ToTimestamp(),
                JoinedBy = pair.First.JoinedBy,
                Text = pair.First.Text,
                Words = pair.First.Words,
            });
    }

    private static Engine.CampaignMember ToMember(Member member) =>
        new(new RequestName(member.Partner, member.Id).ToString(), member.ReceivedAt.ToUnixTimeSeconds(), member.Source, member.Language, member.JoinedBy);

    private static Member Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
        row.IsDBNull(7) ? 0 : row.GetInt32(7), row.GetInt64(8));

    // Cluster 0: those that a campaign holds for their link.
    private sealed record Member(Guid Id, string Partner, DateTimeOffset ReceivedAt, string Language, string Text, string Source, string JoinedBy, int Cluster, long Sequence);
}
