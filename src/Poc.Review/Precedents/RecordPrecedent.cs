using Google.Protobuf;
using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Precedents;

/// <summary>Puts an earlier decision of the organisation on record as a precedent.</summary>
internal sealed class RecordPrecedent(IdempotentWrites writes, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO precedents (name, title, decided, decided_on, outcome, summary, criteria, synthetic, recorded_by, recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ON CONSTRAINT pk_precedents DO NOTHING
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, ALREADY_EXISTS PRECEDENT_EXISTS.</exception>
    public Task<RecordPrecedentResponse> HandleAsync(RecordPrecedentRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);
        var precedent = request.Precedent.Clone();
        precedent.Name = $"precedents/{request.PrecedentId}";
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
            await tx.ExecuteAsync(
                InsertSql, precedent.Name, precedent.Title, Tx.Json(JsonFormatter.Default.Format(precedent.Decided)), Days.Parse(precedent.Decided.Earliest),
                EnumText<Outcome>.Of(precedent.Outcome), precedent.Summary, precedent.Criteria.ToArray(), precedent.Synthetic, caller.Id,
                    clock.GetUtcNow()) == 1
                ? new RecordPrecedentResponse { Precedent = precedent }
                : throw ReviewErrors.PrecedentExists(precedent.Name), cancellation);
    }

    private void Validate(RecordPrecedentRequest request)
    {
        var precedent = request.Precedent ?? new Precedent();
        var decided = precedent.Decided ?? new UncertainDate();
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Id("precedent_id", request.PrecedentId)
            .Require(request.Precedent is not null, "precedent", "must be given")
            .Text("precedent.title", precedent.Title, 200)
            .DayUpTo("precedent.decided.earliest", decided.Earliest, Days.Today(clock))
            .Require(decided.Precision is DatePrecision.Day or DatePrecision.Month or DatePrecision.Year, "precedent.decided.precision",
                "must be day, month or year")
            .Specified("precedent.outcome", precedent.Outcome)
            .Text("precedent.summary", precedent.Summary, Names.Prose)
            .MaxCount("precedent.criteria", precedent.Criteria.Count, 20);
        if (decided.Latest.Length > 0)
        {
            violations.Day("precedent.decided.latest", decided.Latest);
        }

        violations.ThrowIfAny();
    }
}
