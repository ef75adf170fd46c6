using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Ballots;

/// <summary>
/// Opens what a panel sealed, all at once and in the transaction that counted the quorum: from here on ballots and assessments lie open beside their ciphertexts. Those of members who
/// stepped back stay sealed.
/// </summary>
internal sealed class RoundOpening(RoundKeys rounds, ProtocolShelf shelf, IdSource ids)
{
    private const string OpenSql = """
        UPDATE dossiers SET state = 'BALLOTS_OPEN', ballots_opened_at = $2, revision = revision + 1 WHERE name = $1 AND state = 'VOTING'
        """;

    private const string SealedBallotsSql = "SELECT reviewer, sealed FROM sealed_ballots WHERE dossier = $1 AND reviewer = ANY($2)";
    private const string SealedAssessmentsSql = "SELECT reviewer, statement, sealed FROM sealed_assessments WHERE dossier = $1 AND reviewer = ANY($2)";

    private const string BallotsSql = """
        INSERT INTO ballots (dossier, reviewer, choice, reason, cast_at)
        SELECT $1, reviewer, choice, reason, cast_at FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS opened (reviewer, choice, reason, cast_at)
        """;

    private const string AssessmentsSql = """
        INSERT INTO assessments (dossier, reviewer, statement, body, retraction, search_record, cast_at)
        SELECT $1, reviewer, statement, body::jsonb, retraction, search_record, cast_at
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) AS opened (reviewer, statement, body, retraction, search_record, cast_at)
        """;

    /// <summary>Opens the round.</summary>
    /// <param name="tx">The transaction, which has locked the dossier.</param>
    /// <param name="dossier">A review whose ballots are sealed.</param>
    /// <param name="box">Its panel, read in this transaction.</param>
    /// <param name="now">When.</param>
    /// <exception cref="InvalidOperationException">No quorum, no sealed round, or no key: nobody may ask for that.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A seal was changed: nothing opens.</exception>
    public async Task OpenAsync(Tx tx, DossierRecord dossier, BallotBox box, DateTimeOffset now)
    {
        if (!Quorum.OpensAtTerm(box.Cast, shelf.Of(dossier.Protocol!.Value).Quorum) || await tx.ExecuteAsync(OpenSql, dossier.Name, now) == 0)
        {
            throw new InvalidOperationException($"The ballots of {dossier.Name} are not to be opened.");
        }

        var round = await rounds.FindAsync(tx, dossier.Name) ?? throw new InvalidOperationException($"{dossier.Name} has no key.");
        string[] counted = [.. box.Eligible];
        await OpenBallotsAsync(tx, dossier.Name, round, counted);
        await OpenAssessmentsAsync(tx, dossier.Name, round, counted);
        await Outbox.AddAsync(tx, new BallotsOpened(ids.Next(), dossier.Name, 1, now, dossier.Subject, box.Members));
    }

    private static async Task OpenBallotsAsync(Tx tx, string dossier, RoundKey round, string[] counted)
    {
        var opened = await tx.QueryAsync(SealedBallotsSql, row => round.OpenBallot(row.GetString(0), row.GetFieldValue<byte[]>(1)), dossier, counted);
        await tx.ExecuteAsync(
            BallotsSql, dossier, Each(opened, static ballot => ballot.Reviewer), Each(opened, static ballot => EnumText<Choice>.Of(ballot.Choice)), Each(opened, static ballot => ballot.Reason),
            Each(opened, static ballot => ballot.CastAt.ToDateTimeOffset()));
    }

    private static async Task OpenAssessmentsAsync(Tx tx, string dossier, RoundKey round, string[] counted)
    {
        var opened = await tx.QueryAsync(
            SealedAssessmentsSql, row => round.OpenAssessment(row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2)), dossier, counted);
        await tx.ExecuteAsync(
            AssessmentsSql, dossier, Each(opened, static one => one.Reviewer), Each(opened, static one => one.Statement), Each(opened, JsonFormatter.Default.Format),
            Each(opened, static one => EnumText<RetractionJudgement>.Of(one.Retraction)), Each(opened, static one => one.SearchRecord), Each(opened, static one => one.CastAt.ToDateTimeOffset()));
    }

    private static TValue[] Each<T, TValue>(IReadOnlyList<T> opened, Func<T, TValue> of) => [.. opened.Select(of)];
}
