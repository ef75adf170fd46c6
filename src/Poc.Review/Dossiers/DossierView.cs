using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Postgres;
using Poc.Review.Agreement;
using Poc.Review.Protocols;
using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Dossiers;

/// <summary>Reads dossiers as staff see them. Of votes and assessments it shows that they are in, and once they are open how far they agree; never
/// what one says.</summary>
internal static class DossierView
{
    private const string DossiersSql = """
        SELECT d.name, d.question, d.subject, COALESCE(d.episode, ''), d.state, d.protocol, d.voting_ends_at, COALESCE(n.name, ''), COALESCE(d.appeals, ''),
            d.revision, d.opened_at
        FROM dossiers AS d LEFT JOIN decisions AS n ON n.dossier = d.name WHERE d.name = ANY($1)
        """;

    private const string RequestsSql = """
        SELECT q.dossier, q.name, q.criteria, q.statements, q.text_sha256, w.request IS NOT NULL, q.judged_at, COALESCE(j.campaign, ''), j.joined_at, q.repetition::text
        FROM requests AS q LEFT JOIN request_withdrawals AS w ON w.request = q.name LEFT JOIN campaign_requests AS j ON j.request = q.name
        WHERE q.dossier = ANY($1) ORDER BY q.received_at, q.name
        """;

    private const string StatementsSql = "SELECT dossier, statement FROM dossier_statements WHERE dossier = ANY($1) ORDER BY id";

    private const string PanelSql = """
        SELECT m.dossier, m.staff, m.conflict, COALESCE(m.replaces, ''),
               NOT EXISTS (SELECT 1 FROM dossier_statements AS s WHERE s.dossier = m.dossier
                           AND NOT EXISTS (SELECT 1 FROM sealed_assessments AS a WHERE a.dossier = m.dossier AND a.reviewer = m.staff AND a.statement = s.statement)
                           AND NOT EXISTS (SELECT 1 FROM assessments AS a WHERE a.dossier = m.dossier AND a.reviewer = m.staff AND a.statement = s.statement)),
               EXISTS (SELECT 1 FROM sealed_ballots AS b WHERE b.dossier = m.dossier AND b.reviewer = m.staff)
               OR EXISTS (SELECT 1 FROM ballots AS b WHERE b.dossier = m.dossier AND b.reviewer = m.staff)
        FROM panel_members AS m WHERE m.dossier = ANY($1) ORDER BY m.staff
        """;

    private const string RepliesSql = """
        SELECT DISTINCT ON (dossier) dossier, given, reason, dated FROM replies WHERE dossier = ANY($1) ORDER BY dossier, id DESC
        """;

    private const string ConcernsSql = "SELECT dossier, CASE WHEN anonymous THEN '' ELSE author END, text FROM concerns WHERE dossier = ANY($1) ORDER BY id";
    private const string AppealsSql = "SELECT dossier, appellant, grounds, criteria FROM appeals WHERE dossier = ANY($1)";

    private const string AmplificationsSql = """
        SELECT d.name, e.name FROM dossiers AS d JOIN amplification_events AS e ON e.subject IN (SELECT names_of(person_of(d.subject, 'infinity'), 'infinity')) WHERE d.name = ANY($1) ORDER BY e.occurred_on, e.name
        """;

    // Nothing is computed from what is sealed: open dossiers alone, and members who count.
    private const string OpenedSql = """
        SELECT a.dossier, a.body::text FROM assessments AS a JOIN dossiers AS d ON d.name = a.dossier
        JOIN panel_members AS m ON m.dossier = a.dossier AND m.staff = a.reviewer
        WHERE a.dossier = ANY($1) AND d.ballots_opened_at IS NOT NULL AND m.conflict = '' ORDER BY a.statement, a.reviewer
        """;

    // A field that a later version added is no reason to fail in this one.
    private static readonly JsonParser _parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>A dossier; null when there is none of that name.</summary>
    public static async Task<Dossier?> ReadAsync(Tx tx, string name) => (await ReadAsync(tx, [name], withRequests: true)).SingleOrDefault();

    /// <summary>The dossiers of these names, in their order, with the same number of queries for any number of them.</summary>
    public static async Task<IReadOnlyList<Dossier>> ReadAsync(Tx tx, string[] names, bool withRequests)
    {
        var dossiers = (await tx.QueryAsync(DossiersSql, Map, (object)names)).ToDictionary(static dossier => dossier.Name, StringComparer.Ordinal);
        if (withRequests)
        {
            await AddRequestsAsync(tx, names, dossiers);
            await AddAgreementAsync(tx, names, dossiers);
        }

        await ForEachAsync(StatementsSql, static row => row.GetString(1), static (dossier, statement) => dossier.Statements.Add(statement));
        await ForEachAsync(
            PanelSql,
            static row => new PanelMember { Staff = row.GetString(1), Conflict = row.GetString(2), Replaces = row.GetString(3), Assessed = row.GetBoolean(4), Voted = row.GetBoolean(5) },
            static (dossier, member) => dossier.Panel.Add(member));
        await ForEachAsync(
            RepliesSql,
            static row => new RightOfReply { Given = row.GetBoolean(1), Reason = row.GetString(2), Dated = Days.Text(row.GetFieldValue<DateOnly>(3)) },
            static (dossier, reply) => dossier.RightOfReply = reply);
        await ForEachAsync(ConcernsSql, static row => new Concern { Author = row.GetString(1), Text = row.GetString(2) }, static (dossier, concern) =>
            dossier.Concerns.Add(concern));
        await ForEachAsync(
            AppealsSql,
            static row => new Appeal { Appellant = row.GetString(1), Grounds = row.GetString(2), Criteria = { row.GetFieldValue<string[]>(3) } },
            static (dossier, appeal) => dossier.Appeal = appeal);
        await ForEachAsync(AmplificationsSql, static row => row.GetString(1), static (dossier, name) => dossier.AmplificationEvents.Add(name));
        return [.. names.Where(dossiers.ContainsKey).Select(name => dossiers[name])];

        async Task ForEachAsync<T>(string sql, Func<NpgsqlDataReader, T> map, Action<Dossier, T> add)
        {
            foreach (var (name, value) in await tx.QueryAsync(sql, row => (row.GetString(0), map(row)), (object)names))
            {
                add(dossiers[name], value);
            }
        }
    }

    private static async Task AddRequestsAsync(Tx tx, string[] names, Dictionary<string, Dossier> dossiers)
    {
        var rows = await tx.QueryAsync(
            RequestsSql,
            static row => (
                Dossier: row.GetString(0),
                TextSha256: row.GetString(4),
                Request: new DossierRequest
                {
                    Request = row.GetString(1),
                    Criteria = { row.GetFieldValue<string[]>(2) },
                    CitedStatements = { row.GetFieldValue<string[]>(3) },
                    Withdrawn = row.GetBoolean(5),
                    GatheredAt = row.GetFieldValue<DateTimeOffset>(6).ToTimestamp(),
                    Campaign = row.GetString(7),
                    CampaignJoinedAt = row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8).ToTimestamp(),
                    Repetition = row.IsDBNull(9) ? null : _parser.Parse<RequestRepetition>(row.GetString(9)),
                }),
            (object)names);
        foreach (var dossier in rows.GroupBy(static row => row.Dossier, StringComparer.Ordinal))
        {
            var groups = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var row in dossier)
            {
                // Numbers are given in the order in which the texts first came.
                groups.TryAdd(row.TextSha256, groups.Count + 1);
                row.Request.SameTextGroup = groups[row.TextSha256];
                dossiers[dossier.Key].Requests.Add(row.Request);
            }
        }

        await CampaignEntries.AddAsync(tx, dossiers.Values);
    }

    private static async Task AddAgreementAsync(Tx tx, string[] names, Dictionary<string, Dossier> dossiers)
    {
        var opened = await tx.QueryAsync(OpenedSql, static row => (Dossier: row.GetString(0), Assessment: _parser.Parse<Assessment>(row.GetString(1))), (object)names);
        foreach (var panel in opened.GroupBy(static row => row.Dossier, StringComparer.Ordinal))
        {
            dossiers[panel.Key].Agreement.AddRange(PanelAgreement.Of([.. panel.Select(static row => row.Assessment)]));
        }
    }

    private static Dossier Map(NpgsqlDataReader row)
    {
        var dossier = new Dossier
        {
            Name = row.GetString(0),
            Question = EnumText<QuestionType>.Parse(row.GetString(1)),
            Subject = row.GetString(2),
            Episode = row.GetString(3),
            State = EnumText<State>.Parse(row.GetString(4)),
            Protocol = row.IsDBNull(5) ? "" : Rules.NameOf(row.GetInt32(5)),
            Decision = row.GetString(7),
            Appeals = row.GetString(8),
            Etag = DossierRecord.EtagOf(row.GetInt64(9)),
            OpenedAt = row.GetFieldValue<DateTimeOffset>(10).ToTimestamp(),
        };
        if (!row.IsDBNull(6))
        {
            dossier.VotingEndsAt = row.GetFieldValue<DateTimeOffset>(6).ToTimestamp();
        }

        return dossier;
    }
}
