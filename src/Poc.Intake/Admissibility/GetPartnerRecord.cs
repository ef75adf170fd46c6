using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Admissibility;

/// <summary>What became of a partner's decided requests, beside the base rate: how often those of all others were granted.</summary>
internal sealed class GetPartnerRecord(Database database, TimeProvider clock)
{
    private const string IsKnown = "SELECT partner_id FROM partners WHERE partner_id = $1";

    // RECONSIDER asks for whatever is not in force, so that any change of the label grants it; EVIDENCE and WITHDRAW ask for nothing.
    private const string Select =
        """
        SELECT
            (count(*) FILTER (WHERE partner_id = $1))::integer,
            (count(*) FILTER (WHERE partner_id = $1 AND granted))::integer,
            (count(*) FILTER (WHERE partner_id <> $1))::integer,
            (count(*) FILTER (WHERE partner_id <> $1 AND granted))::integer,
            (SELECT count(*)::integer FROM requests WHERE partner_id = $1 AND speaker_standing = 'MISMATCH')
        FROM (
            SELECT partner_id, CASE kind
                WHEN 'DESIGNATE' THEN outcome IN ('DESIGNATED', 'REDESIGNATED')
                WHEN 'DELIST' THEN outcome = 'LABEL_WITHDRAWN'
                ELSE outcome IN ('DESIGNATED', 'REDESIGNATED', 'LABEL_WITHDRAWN') END AS granted
            FROM requests
            WHERE outcome IS NOT NULL AND kind IN ('DESIGNATE', 'DELIST', 'RECONSIDER')) AS decided
        """;

    public async Task<GetPartnerRecordResponse> HandleAsync(GetPartnerRecordRequest message, ServerCallContext context)
    {
        new Violations().Name("partner", message.Partner, "partners/{partner}").ThrowIfAny();
        var partner = message.Partner["partners/".Length..];
        var record = await database.ReadAsync(async tx =>
        {
            _ = await tx.QuerySingleOrDefaultAsync(IsKnown, static row => row.GetString(0), partner) ?? throw IntakeErrors.PartnerNotFound(message.Partner);
            return (await tx.QueryAsync(Select, static row => ToRecord(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4)), partner))[0];
        }, context.CancellationToken);
        record.AsOf = clock.GetUtcNow().ToTimestamp();
        return new GetPartnerRecordResponse { Record = record };
    }

    private static PartnerRecord ToRecord(int decided, int granted, int baseCount, int baseGranted, int mismatches)
    {
        var (low, high) = WilsonInterval.Of(granted, decided);
        return new PartnerRecord
        {
            DecidedCount = decided,
            GrantedCount = granted,
            GrantedShare = Share(granted, decided),
            ShareLow = low,
            ShareHigh = high,
            BaseShare = Share(baseGranted, baseCount),
            BaseCount = baseCount,
            MismatchCount = mismatches,
        };
    }

    private static double Share(int hits, int cases) => cases == 0 ? 0 : (double)hits / cases;
}
