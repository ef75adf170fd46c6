using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Ballots;

/// <summary>
/// Seals the caller's vote, after they assessed every statement of the dossier. The last ballot that counts opens all: ballots of one dossier are cast one
/// after the other under its row lock, so exactly one of them is the last.
/// </summary>
internal sealed class CastBallot(IdempotentWrites writes, ProtocolShelf shelf, IdSource ids, TimeProvider clock)
{
    private const string MissingSql = """
        SELECT s.statement FROM dossier_statements AS s
        WHERE s.dossier = $1 AND NOT EXISTS (SELECT 1 FROM assessments AS a WHERE a.dossier = $1 AND a.reviewer = $2 AND a.statement = s.statement)
        ORDER BY s.id
        """;

    private const string InsertSql = """
        INSERT INTO ballots (dossier, reviewer, choice, reason, cast_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT ON CONSTRAINT pk_ballots DO NOTHING
        """;

    private const string VotedSql = "SELECT EXISTS (SELECT 1 FROM ballots WHERE dossier = $1 AND reviewer = $2)";

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, PERMISSION_DENIED NOT_ON_PANEL, ALREADY_EXISTS BALLOT_ALREADY_CAST, FAILED_PRECONDITION
    /// ASSESSMENT_MISSING, VOTING_CLOSED, ILLEGAL_TRANSITION.
    /// </exception>
    public Task<CastBallotResponse> HandleAsync(CastBallotRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("dossier", request.Dossier, Names.Dossier)
            .Require(request.Ballot is not null, "ballot", "must be given")
            .Specified("ballot.choice", request.Ballot?.Choice ?? Choice.Unspecified)
            .Text("ballot.reason", request.Ballot?.Reason)
            .ThrowIfAny();
        var ballot = request.Ballot!;
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            if (await tx.ScalarAsync<bool>(VotedSql, request.Dossier, caller.Id))
            {
                throw ReviewErrors.BallotAlreadyCast(request.Dossier);
            }

            var now = clock.GetUtcNow();
            var dossier = await VotingRight.LockAsync(tx, request.Dossier, DossierAction.CastBallot, caller, now);
            var missing = await tx.QueryAsync(MissingSql, static row => row.GetString(0), dossier.Name, caller.Id);
            if (missing.Count > 0)
            {
                throw ReviewErrors.AssessmentMissing(missing);
            }

            if (await tx.ExecuteAsync(InsertSql, dossier.Name, caller.Id, EnumText<Choice>.Of(ballot.Choice), ballot.Reason, now) == 0)
            {
                throw ReviewErrors.BallotAlreadyCast(dossier.Name);
            }

            var box = await BallotBox.ReadAsync(tx, dossier.Name);
            var opens = Quorum.OpensAll(box.Eligible.Count, box.Cast, shelf.Of(dossier.Protocol!.Value).Quorum);
            if (opens)
            {
                await box.OpenAsync(tx, dossier, ids, now);
            }

            return new CastBallotResponse
            {
                Ballot = new Ballot { Reviewer = caller.Id, Choice = ballot.Choice, Reason = ballot.Reason, CastAt = now.ToTimestamp() },
                Opened = opens,
            };
        }, cancellation);
    }
}
