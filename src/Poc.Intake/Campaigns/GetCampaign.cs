using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Kernel.Text;
using Poc.Postgres;
using Engine = Poc.Campaigns.Requests;

namespace Poc.Intake.Campaigns;

/// <summary>A campaign with its evidence, worked out from the requests as they are stored.</summary>
internal sealed class GetCampaign(Database database)
{
    private const int MaxShown = 400;
    private const int CommonPassage = 8;

    private const string SelectCampaign = $"SELECT {CampaignRow.Columns}, c.chance_rate, c.explanations, c.links FROM {CampaignRow.From} WHERE c.campaign = $1";

    // Every nth of them, so that a large campaign is shown over its whole time.
    private const string SelectMembers =
        $"""
        SELECT id, partner_id, received_at, language, text, source, joined_by, cluster, links FROM (
            SELECT r.id, r.partner_id, r.received_at, f.language, r.text, f.source, n.joined_by, n.cluster, r.links,
                row_number() OVER (ORDER BY f.sequence) - 1 AS place, count(*) OVER () AS members, f.sequence
            FROM campaigns c JOIN campaign_members n ON n.request IN (SELECT m.request FROM {CampaignRow.MembersOf})
            JOIN fingerprints f ON f.request = n.request JOIN requests r ON r.id = n.request
            WHERE c.campaign = $1) a
        WHERE place % ((members + $2 - 1) / $2) = 0
        ORDER BY sequence
        """;

    // Candidates: whether they are alike, their signatures say.
    private const string SelectEarlier =
        """
        SELECT g.signature, f.signature
        FROM fingerprints g JOIN fingerprints f ON f.wording_keys && g.wording_keys AND f.sequence < g.sequence AND f.version = g.version
        WHERE g.request = $1
        LIMIT 1000
        """;

    private const string SelectActs =
        "SELECT id, occurred_on, url, description FROM amplification_events WHERE subject = ANY($1) AND occurred_on BETWEEN $2 AND $3 ORDER BY occurred_on, id LIMIT 200";

    private const string SelectClassifications =
        $"""
        SELECT s.classification, s.reasons, s.classified_by, s.classified_at, s.campaign
        FROM campaigns c JOIN campaign_classifications s ON s.campaign IN ({CampaignRow.PartsOf}) WHERE c.campaign = $1 ORDER BY s.classified_at, s.campaign, s.sequence
        """;

    private const string SelectContests =
        $"""
        SELECT s.partner_id, s.reason, s.contested_at, s.campaign
        FROM campaigns c JOIN campaign_contests s ON s.campaign IN ({CampaignRow.PartsOf}) WHERE c.campaign = $1 ORDER BY s.contested_at, s.id
        """;

    public async Task<GetCampaignResponse> HandleAsync(GetCampaignRequest message, ServerCallContext context)
    {
        var wrong = new Violations();
        var named = CampaignName.Read(wrong, message.Name);
        wrong.ThrowIfAny();
        return await database.ReadAsync(tx => ReadAsync(tx, named, message.Name), context.CancellationToken);
    }

    private static async Task<GetCampaignResponse> ReadAsync(Tx tx, int named, string name)
    {
        var number = await CampaignRow.CurrentAsync(tx, named) ?? throw IntakeErrors.CampaignNotFound(name);
        var (campaign, chance, explanations, links) = await tx.QuerySingleOrDefaultAsync(
            SelectCampaign, static row => (CampaignRow.Read(row), row.GetDouble(12), row.GetString(13), row.GetString(14)), number);
        var members = await tx.QueryAsync(SelectMembers, ReadMember, number, MaxShown);
        var wordings = members.GroupBy(static member => member.Cluster).OrderBy(static group => group.Min(static member => member.ReceivedAt)).Select(Wording).ToList();
        var (timeline, organisations, individuals) = await CampaignTimeline.ReadAsync(tx, number);
        return new GetCampaignResponse
        {
            Campaign = campaign,
            Timeline = timeline,
            OrganisationSources = organisations,
            IndividualSources = individuals,
            Wordings = { wordings },
            Links = { JsonSerializer.Deserialize<List<Engine.CampaignLink>>(links)!.Select(static link => new CampaignLink { Grounds = { link.Grounds }, Weight = link.Score }) },
            Explanations =
            {
                JsonSerializer.Deserialize<List<Engine.CheckedExplanation>>(explanations)!
                    .Select(static one => new CampaignExplanation { Name = one.Name, Holds = one.Holds, Detail = one.Detail }),
            },
            ChanceRate = chance,
            EarlierRequests = members.Count == 0 ? 0 : (await tx.QueryAsync(SelectEarlier, ReadAlike, members[0].Id)).Count(static alike => alike),
            Amplifications = { await AmplificationsAsync(tx, campaign, members, wordings) },
            Classifications = { await tx.QueryAsync(SelectClassifications, ReadClassification, number) },
            Contests =
            {
                await tx.QueryAsync(
                    SelectContests,
                    static row => new CampaignContest
                    {
                        Partner = "partners/" + row.GetString(0), Reason = row.GetString(1), ContestedAt = row.GetFieldValue<DateTimeOffset>(2).ToTimestamp(),
                        Campaign = CampaignName.Of(row.GetInt32(3)),
                    },
                    number),
            },
        };
    }

    private static bool ReadAlike(NpgsqlDataReader row) => MinHash.Similarity(
        MemoryMarshal.Cast<byte, uint>(row.GetFieldValue<byte[]>(0)), MemoryMarshal.Cast<byte, uint>(row.GetFieldValue<byte[]>(1))) >= Engine.DetectorLimits.SameForm;

    // From two weeks before its first request to its last: what set it off, or fed it.
    private static async Task<IEnumerable<CampaignAmplification>> AmplificationsAsync(Tx tx, Campaign campaign, IReadOnlyList<Member> members, IReadOnlyList<CampaignWording> wordings)
    {
        if (members.Count == 0)
        {
            return [];
        }

        var cited = members.SelectMany(static member => member.Links).Select(Engine.CanonicalUrl.Of).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var (from, to) = (DateOnly.FromDateTime(members[0].ReceivedAt.UtcDateTime), DateOnly.FromDateTime(members[^1].ReceivedAt.UtcDateTime));
        var passages = wordings.SelectMany(static wording => wording.Passages).ToList();
        var acts = await tx.QueryAsync(
            SelectActs, static row => (Id: row.GetGuid(0), On: row.GetFieldValue<DateOnly>(1), Url: row.GetString(2), Description: row.GetString(3)), campaign.Subjects.ToArray(), from.AddDays(-14), to);
        return acts.Select(act =>
        {
            var shared = passages.Select(passage => Engine.CampaignEvidence.LongestCommonPassage(passage, act.Description)).DefaultIfEmpty().Max();
            var link = new CampaignAmplification
            {
                AmplificationEvent = $"amplificationEvents/{act.Id:D}",
                Grounds = { "time" },
                OccurredOn = act.On.ToString("O", CultureInfo.InvariantCulture),
                Url = act.Url,
                Description = act.Description,
                DaysBefore = from.DayNumber - act.On.DayNumber,
                SharedWords = shared,
            };
            if (act.Url.Length > 0 && Engine.CanonicalUrl.Of(act.Url) is { } url && cited.Contains(url))
            {
                link.Grounds.Add("url");
            }

            if (shared >= CommonPassage)
            {
                link.Grounds.Add("wording");
            }

            return link;
        });
    }

    private static CampaignWording Wording(IEnumerable<Member> members)
    {
        var shown = members.ToList();
        var evidence = Engine.CampaignEvidence.Of([.. shown.Select(static member => (
            new Engine.CampaignMember($"partners/{member.Partner}/requests/{member.Id:D}", member.ReceivedAt.ToUnixTimeSeconds(), member.Source, member.Language, member.JoinedBy), member.Text))]);
        return new CampaignWording
        {
            Languages = { evidence.Languages },
            Requests = evidence.Requests,
            Passages = { evidence.Passages },
            Residues =
            {
                evidence.Residues.Zip(shown).Select(static pair => new CampaignResidue
                {
                    Request = pair.First.Id, ReceivedAt = pair.Second.ReceivedAt.ToTimestamp(), JoinedBy = pair.First.JoinedBy, Text = pair.First.Text, Words = pair.First.Words,
                }),
            },
        };
    }

    private static Member ReadMember(Npgsql.NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
        row.IsDBNull(7) ? null : row.GetInt32(7), row.GetFieldValue<string[]>(8));

    private static CampaignClassificationEntry ReadClassification(Npgsql.NpgsqlDataReader row) => new()
    {
        Classification = EnumText<CampaignClassification>.Parse(row.GetString(0)),
        Reasons = row.GetString(1),
        ClassifiedBy = row.GetString(2),
        ClassifiedAt = row.GetFieldValue<DateTimeOffset>(3).ToTimestamp(),
        Campaign = CampaignName.Of(row.GetInt32(4)),
    };

    private sealed record Member(Guid Id, string Partner, DateTimeOffset ReceivedAt, string Language, string Text, string Source, string JoinedBy, int? Cluster, string[] Links);
}
