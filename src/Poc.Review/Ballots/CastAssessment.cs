using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Ballots;

/// <summary>Seals the caller's assessment of one statement: nobody else reads it before the ballots are open, and nobody edits it ever.</summary>
internal sealed class CastAssessment(Database database, IdempotentWrites writes, ProtocolShelf shelf, RoundKeys rounds, TimeProvider clock)
{
    private const string StatementSql = "SELECT EXISTS (SELECT 1 FROM dossier_statements WHERE dossier = $1 AND statement = $2)";

    private const string InsertSql = """
        INSERT INTO sealed_assessments (dossier, reviewer, statement, sealed, cast_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT ON CONSTRAINT pk_sealed_assessments DO NOTHING
        """;

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID (also for a statement that is not in the dossier), NOT_FOUND DOSSIER_NOT_FOUND, PERMISSION_DENIED NOT_ON_PANEL,
    /// FAILED_PRECONDITION VOTING_CLOSED, ILLEGAL_TRANSITION, ALREADY_EXISTS ASSESSMENT_ALREADY_CAST.
    /// </exception>
    public async Task<CastAssessmentResponse> HandleAsync(CastAssessmentRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);

        // As with ballots: what is kept of request and answer says nothing.
        var round = await database.RepeatAsync(tx => rounds.FindAsync(tx, request.Dossier), cancellation);
        var kept = round is null
            ? request
            : new CastAssessmentRequest { RequestId = request.RequestId, Dossier = request.Dossier, Assessment = new Assessment { SearchRecord = round.Fingerprint(request.Assessment) } };
        return await writes.OnceAsync(
            caller, request.RequestId, kept,
            async tx => new KeptAnswer<CastAssessmentResponse>(new CastAssessmentResponse { Assessment = await CastAsync(tx, request, caller, round) }, new CastAssessmentResponse(), ObjectId: null),
            async (tx, _) => new CastAssessmentResponse { Assessment = await SealedReading.AssessmentAsync(tx, round!, request.Dossier, caller, request.Assessment.Statement) },
            cancellation);
    }

    private async Task<Assessment> CastAsync(Tx tx, CastAssessmentRequest request, Caller caller, RoundKey? round)
    {
        var now = clock.GetUtcNow();
        var dossier = await VotingRight.LockAsync(tx, request.Dossier, DossierAction.CastAssessment, caller, now);
        RequireInScale(request.Assessment, shelf.Of(dossier.Protocol!.Value).MaximumScore);
        new Violations()
            .Require(await tx.ScalarAsync<bool>(StatementSql, dossier.Name, request.Assessment.Statement), "assessment.statement", "must be a statement of the dossier")
            .ThrowIfAny();

        // Without a key there was no panel a moment ago.
        var key = round ?? throw CommonErrors.EtagMismatch(dossier.Name);
        var assessment = request.Assessment.Clone();
        assessment.Reviewer = caller.Id;
        assessment.CastAt = now.ToTimestamp();
        return await tx.ExecuteAsync(InsertSql, dossier.Name, caller.Id, assessment.Statement, key.Close(caller.Id, assessment), now) == 1
            ? assessment
            : throw ReviewErrors.AssessmentAlreadyCast(assessment.Statement);
    }

    private static void Validate(CastAssessmentRequest request)
    {
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("dossier", request.Dossier, Names.Dossier)
            .Require(request.Assessment is not null, "assessment", "must be given");
        if (request.Assessment is { } assessment)
        {
            violations.Name("assessment.statement", assessment.Statement, Names.Statement)
                .Specified("assessment.level", assessment.Level)
                .Specified("assessment.retraction", assessment.Retraction);
            foreach (var (field, factor) in Factors(assessment))
            {
                violations.Require(factor is not null, field, "must be given");
                violations.Require(factor is null || !string.IsNullOrWhiteSpace(factor.Reason), field + ".reason", "must not be blank");
                violations.MaxLength(field + ".reason", factor?.Reason, Names.Sentence);
            }

            if (assessment.Retraction == RetractionJudgement.NotRetracted || assessment.SearchRecord.Length > 0)
            {
                violations.Name("assessment.search_record", assessment.SearchRecord, Names.RetractionEntry)
                    .Require(assessment.SearchRecord.StartsWith(assessment.Statement + "/", StringComparison.Ordinal), "assessment.search_record",
                        "must be in the ledger of the assessed statement");
            }
        }

        violations.ThrowIfAny();
    }

    private static void RequireInScale(Assessment assessment, int maximum)
    {
        var violations = new Violations();
        foreach (var (field, factor) in Factors(assessment))
        {
            violations.Require(factor.Score >= 0 && factor.Score <= maximum, field + ".score", $"must be from 0 to {maximum}");
        }

        violations.ThrowIfAny();
    }

    private static IEnumerable<(string Field, RabatFactor Factor)> Factors(Assessment assessment) =>
    [
        ("assessment.context", assessment.Context),
        ("assessment.speaker", assessment.Speaker),
        ("assessment.intent", assessment.Intent),
        ("assessment.content_and_form", assessment.ContentAndForm),
        ("assessment.extent", assessment.Extent),
        ("assessment.likelihood", assessment.Likelihood),
    ];
}
