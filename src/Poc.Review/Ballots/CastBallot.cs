using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Ballots;

/// <summary>
/// Seals the caller's vote, after they assessed every statement of the dossier. The last ballot that counts opens all: ballots of one dossier are cast one
/// after the other under its row lock, so exactly one of them is the last.
/// </summary>
internal sealed class CastBallot(Database database, IdempotentWrites writes, ProtocolShelf shelf, RoundKeys rounds, RoundOpening opening, TimeProvider clock)
{
    private const string MissingSql = """
        SELECT s.statement FROM dossier_statements AS s
        WHERE s.dossier = $1 AND NOT EXISTS (SELECT 1 FROM sealed_assessments AS a WHERE a.dossier = $1 AND a.reviewer = $2 AND a.statement = s.statement)
        ORDER BY s.id
        """;

    private const string InsertSql = """
        INSERT INTO sealed_ballots (dossier, reviewer, sealed, cast_at) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT pk_sealed_ballots DO NOTHING
        """;

    private const string VotedSql = "SELECT EXISTS (SELECT 1 FROM sealed_ballots WHERE dossier = $1 AND reviewer = $2)";

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, PERMISSION_DENIED NOT_ON_PANEL, ALREADY_EXISTS BALLOT_ALREADY_CAST, FAILED_PRECONDITION
    /// ASSESSMENT_MISSING, VOTING_CLOSED, ILLEGAL_TRANSITION.
    /// </exception>
    public async Task<CastBallotResponse> HandleAsync(CastBallotRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("dossier", request.Dossier, Names.Dossier)
            .Require(request.Ballot is not null, "ballot", "must be given")
            .Specified("ballot.choice", request.Ballot?.Choice ?? Choice.Unspecified)
            .Text("ballot.reason", request.Ballot?.Reason)
            .ThrowIfAny();

        // What is kept of request and answer says nothing either: a fingerprint tells a repetition, and a repeated answer is read from where the vote lies sealed.
        var round = await database.RepeatAsync(tx => rounds.FindAsync(tx, request.Dossier), cancellation);
        var kept = round is null
            ? request : new CastBallotRequest { RequestId = request.RequestId, Dossier = request.Dossier, Ballot = new Ballot { Reason = round.Fingerprint(request.Ballot!) } };
        return await writes.OnceAsync(
            caller, request.RequestId, kept,
            async tx =>
            {
                var (ballot, opens) = await CastAsync(tx, request, caller, round);
                return new KeptAnswer<CastBallotResponse>(new CastBallotResponse { Ballot = ballot, Opened = opens }, new CastBallotResponse { Opened = opens }, ObjectId: null);
            },
            async (tx, answer) => new CastBallotResponse { Ballot = await SealedReading.BallotAsync(tx, round!, request.Dossier, caller), Opened = answer.Opened },
            cancellation);
    }

    private async Task<(Ballot Ballot, bool Opens)> CastAsync(Tx tx, CastBallotRequest request, Caller caller, RoundKey? round)
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

        // Without a key there was no panel a moment ago.
        var key = round ?? throw CommonErrors.EtagMismatch(dossier.Name);
        var ballot = new Ballot { Reviewer = caller.Id, Choice = request.Ballot.Choice, Reason = request.Ballot.Reason, CastAt = now.ToTimestamp() };
        if (await tx.ExecuteAsync(InsertSql, dossier.Name, caller.Id, key.Close(caller.Id, ballot), now) == 0)
        {
            throw ReviewErrors.BallotAlreadyCast(dossier.Name);
        }

        var box = await BallotBox.ReadAsync(tx, dossier.Name);
        var opens = Quorum.OpensAll(box.Eligible.Count, box.Cast, shelf.Of(dossier.Protocol!.Value).Quorum);
        if (opens)
        {
            await opening.OpenAsync(tx, dossier, box, now);
        }

        return (ballot, opens);
    }
}
