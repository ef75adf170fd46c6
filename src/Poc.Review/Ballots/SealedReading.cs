using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Ballots;

/// <summary>
/// Reading ballots and assessments for somebody. The transaction goes on as the database role that has what is open, and of what is sealed the caller's own (see the policies
/// <c>sealed</c> and <c>own</c> in the schema): a query that forgets to ask who reads cannot show another's.
/// </summary>
internal static class SealedReading
{
    private const string Role = "poc_review_reader";
    private const string Setting = "poc.caller";

    private const string BallotSql = "SELECT sealed FROM sealed_ballots WHERE dossier = $1 AND reviewer = $2";
    private const string AssessmentsSql = "SELECT statement, sealed FROM sealed_assessments WHERE dossier = $1 AND reviewer = $2 ORDER BY statement";

    /// <summary>From here to its end the transaction sees what the caller may see of ballots and assessments, and almost nothing else.</summary>
    public static Task AsAsync(Tx tx, Caller caller) => tx.NarrowAsync(new RowScope(Role, Setting, caller.Id));

    /// <summary>The caller's own ballot; null where they cast none.</summary>
    public static async Task<Ballot?> BallotAsync(Tx tx, RoundKey round, string dossier, Caller caller) =>
        await tx.QuerySingleOrDefaultAsync(BallotSql, static row => row.GetFieldValue<byte[]>(0), dossier, caller.Id) is { } found ? round.OpenBallot(caller.Id, found) : null;

    /// <summary>The caller's own assessments.</summary>
    public static Task<IReadOnlyList<Assessment>> AssessmentsAsync(Tx tx, RoundKey round, string dossier, Caller caller) =>
        tx.QueryAsync(AssessmentsSql, row => round.OpenAssessment(caller.Id, row.GetString(0), row.GetFieldValue<byte[]>(1)), dossier, caller.Id);

    /// <summary>The caller's own assessment of a statement; null where they cast none.</summary>
    public static async Task<Assessment?> AssessmentAsync(Tx tx, RoundKey round, string dossier, Caller caller, string statement) =>
        (await AssessmentsAsync(tx, round, dossier, caller)).SingleOrDefault(one => one.Statement == statement);
}
