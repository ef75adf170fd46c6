using Google.Protobuf;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Ballots;

/// <summary>Assessments: all that count once ballots are open, before that the caller's own.</summary>
internal sealed class ListAssessments(Database database, RoundKeys rounds)
{
    private const string DossierSql = "SELECT ballots_opened_at IS NOT NULL FROM dossiers WHERE name = $1";
    private const string AssessmentsSql = "SELECT body::text FROM assessments WHERE dossier = $1 ORDER BY statement, reviewer";

    // A field that a later version added is no reason to fail in this one.
    private static readonly JsonParser _parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND.</exception>
    public Task<ListAssessmentsResponse> HandleAsync(ListAssessmentsRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Name("dossier", request.Dossier, Names.Dossier).ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var round = await rounds.FindAsync(tx, request.Dossier);
            await SealedReading.AsAsync(tx, caller);
            var open = await tx.QuerySingleOrDefaultAsync<bool?>(DossierSql, static row => row.GetBoolean(0), request.Dossier)
                ?? throw ReviewErrors.DossierNotFound(request.Dossier);
            var assessments = await tx.QueryAsync(AssessmentsSql, static row => _parser.Parse<Assessment>(row.GetString(0)), request.Dossier);
            var own = round is null ? [] : await SealedReading.AssessmentsAsync(tx, round, request.Dossier, caller);
            // Of who stepped back nothing was opened: they alone go on seeing it.
            return new ListAssessmentsResponse
            {
                Assessments = { assessments.Any(one => one.Reviewer == caller.Id) ? assessments : [.. assessments.Concat(own).OrderBy(static one => one.Statement, StringComparer.Ordinal)] },
                Open = open,
            };
        }, cancellation);
    }
}
