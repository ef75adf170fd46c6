using Google.Protobuf;
using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;
using Poc.Postgres;

namespace Poc.Review.Precedents;

/// <summary>A precedent with what it is compared by: one that was recorded, or a decision in force that was made here.</summary>
internal sealed record PrecedentRecord(Precedent Precedent, PrecedentFeatures Features)
{
    private const string AllSql = """
        SELECT name, title, decided::text, outcome, summary, criteria, synthetic, decided_on, '{}'::text[], '{}'::text[] FROM precedents
        UNION ALL
        SELECT n.name, i.native_name || ': ' || lower(replace(n.outcome, '_', ' ')),
               json_build_object('earliest', n.effective_on, 'precision', 'DATE_PRECISION_DAY', 'confidence', 'CONFIDENCE_HIGH')::text, n.outcome, n.reasons,
               COALESCE((SELECT array_agg(DISTINCT c ORDER BY c) FROM (
                   SELECT unnest(q.criteria) AS c FROM requests AS q WHERE q.dossier = n.dossier
                   UNION SELECT unnest(a.criteria) FROM appeals AS a WHERE a.dossier = n.dossier) AS asked), '{}'),
               s.synthetic, n.effective_on,
               ARRAY(SELECT DISTINCT a.body ->> 'level' FROM assessments AS a JOIN panel_members AS m ON m.dossier = a.dossier AND m.staff = a.reviewer
                     WHERE a.dossier = n.dossier AND m.conflict = '' AND a.body ? 'level' ORDER BY 1),
               ARRAY(SELECT DISTINCT a.retraction FROM assessments AS a JOIN panel_members AS m ON m.dossier = a.dossier AND m.staff = a.reviewer
                     WHERE a.dossier = n.dossier AND m.conflict = '' ORDER BY 1)
        FROM decisions AS n JOIN dossiers AS d ON d.name = n.dossier JOIN subjects AS s ON s.name = d.subject CROSS JOIN LATERAL identity_of(s.name, 'infinity') AS i
        WHERE n.in_force_at IS NOT NULL
        ORDER BY 8, 1
        """;

    // Of a dossier whose ballots are sealed there are no findings: nothing is in the table.
    private const string CaseSql = """
        SELECT COALESCE((SELECT array_agg(DISTINCT c ORDER BY c) FROM (
                   SELECT unnest(q.criteria) AS c FROM requests AS q WHERE q.dossier = d.name
                   UNION SELECT unnest(a.criteria) FROM appeals AS a WHERE a.dossier = d.name) AS asked), '{}'),
               ARRAY(SELECT DISTINCT a.body ->> 'level' FROM assessments AS a JOIN panel_members AS m ON m.dossier = a.dossier AND m.staff = a.reviewer
                     WHERE a.dossier = d.name AND m.conflict = '' AND a.body ? 'level' ORDER BY 1),
               ARRAY(SELECT DISTINCT a.retraction FROM assessments AS a JOIN panel_members AS m ON m.dossier = a.dossier AND m.staff = a.reviewer
                     WHERE a.dossier = d.name AND m.conflict = '' ORDER BY 1)
        FROM dossiers AS d WHERE d.name = $1
        """;

    private const string OwnSql = "SELECT name FROM decisions WHERE dossier = $1";

    /// <summary>All precedents, oldest first.</summary>
    public static Task<IReadOnlyList<PrecedentRecord>> AllAsync(Tx tx) => tx.QueryAsync(
        AllSql,
        static row =>
        {
            var precedent = new Precedent
            {
                Name = row.GetString(0),
                Title = row.GetString(1),
                Decided = JsonParser.Default.Parse<UncertainDate>(row.GetString(2)),
                Outcome = EnumText<Outcome>.Parse(row.GetString(3)),
                Summary = row.GetString(4),
                Criteria = { row.GetFieldValue<string[]>(5) },
                Synthetic = row.GetBoolean(6),
            };
            var features = new PrecedentFeatures(
                precedent.Criteria, [.. row.GetFieldValue<string[]>(8).Select(LevelOf)], row.GetFieldValue<string[]>(9), $"{precedent.Title} {precedent.Summary}");
            return new PrecedentRecord(precedent, features);
        });

    /// <summary>What a dossier is compared by; null when there is none of that name.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="dossier">Which.</param>
    /// <param name="text">Draft reasons, or words to look for.</param>
    public static Task<PrecedentFeatures?> OfCaseAsync(Tx tx, string dossier, string text) => tx.QuerySingleOrDefaultAsync(
        CaseSql, row => new PrecedentFeatures(row.GetFieldValue<string[]>(0), [.. row.GetFieldValue<string[]>(1).Select(LevelOf)], row.GetFieldValue<string[]>(2), text), dossier);

    /// <summary>The dossier's own decision, which is no precedent of itself; null where there is none.</summary>
    public static Task<string?> OwnAsync(Tx tx, string dossier) => tx.QuerySingleOrDefaultAsync<string>(OwnSql, static row => row.GetString(0), dossier);

    private static string LevelOf(string wire) => wire["LEVEL_".Length..];
}
