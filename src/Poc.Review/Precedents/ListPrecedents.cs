using Google.Protobuf;
using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;
using Poc.Postgres;

namespace Poc.Review.Precedents;

/// <summary>Precedents, oldest first: those recorded, and every decision in force that was made here.</summary>
internal sealed class ListPrecedents(Database database)
{
    private const string AllSql = """
        SELECT name, title, decided::text, outcome, summary, criteria, synthetic, decided_on FROM precedents
        UNION ALL
        SELECT n.name, s.native_name || ': ' || lower(replace(n.outcome, '_', ' ')), json_build_object('earliest', n.effective_on, 'precision',
            'DATE_PRECISION_DAY', 'confidence', 'CONFIDENCE_HIGH')::text,
               n.outcome, n.reasons,
               COALESCE((SELECT array_agg(DISTINCT c ORDER BY c) FROM (
                   SELECT unnest(q.criteria) AS c FROM requests AS q WHERE q.dossier = n.dossier
                   UNION SELECT unnest(a.criteria) FROM appeals AS a WHERE a.dossier = n.dossier) AS asked), '{}'),
               s.synthetic, n.effective_on
        FROM decisions AS n JOIN dossiers AS d ON d.name = n.dossier JOIN subjects AS s ON s.name = d.subject WHERE n.in_force_at IS NOT NULL
        ORDER BY 8, 1
        """;

    public async Task<ListPrecedentsResponse> HandleAsync(CancellationToken cancellation)
    {
        var precedents = await database.ReadAsync(
            tx => tx.QueryAsync(
                AllSql,
                static row => new Precedent
                {
                    Name = row.GetString(0),
                    Title = row.GetString(1),
                    Decided = JsonParser.Default.Parse<UncertainDate>(row.GetString(2)),
                    Outcome = EnumText<Outcome>.Parse(row.GetString(3)),
                    Summary = row.GetString(4),
                    Criteria = { row.GetFieldValue<string[]>(5) },
                    Synthetic = row.GetBoolean(6),
                }),
            cancellation);
        return new ListPrecedentsResponse { Precedents = { precedents } };
    }
}
