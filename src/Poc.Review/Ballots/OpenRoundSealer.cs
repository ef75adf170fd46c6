using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Postgres;

namespace Poc.Review.Ballots;

/// <summary>Seals what an older version wrote in the clear, in rounds that vote still; before the service answers anybody. A round is done in one transaction, and once.</summary>
internal sealed class OpenRoundSealer(Database database, NpgsqlDataSource source, RoundKeys rounds, ILogger<OpenRoundSealer> logger)
{
    private const string NextSql = """
        SELECT d.name FROM dossiers AS d WHERE d.state = 'VOTING' AND NOT EXISTS (SELECT 1 FROM round_keys AS k WHERE k.dossier = d.name) ORDER BY d.name LIMIT 1 FOR UPDATE
        """;

    private const string BallotsSql = "SELECT reviewer, choice, reason, cast_at FROM ballots WHERE dossier = $1";
    private const string AssessmentsSql = "SELECT reviewer, statement, body::text, cast_at FROM assessments WHERE dossier = $1";
    private const string SealBallotSql = "INSERT INTO sealed_ballots (dossier, reviewer, sealed, cast_at) VALUES ($1, $2, $3, $4)";
    private const string SealAssessmentSql = "INSERT INTO sealed_assessments (dossier, reviewer, statement, sealed, cast_at) VALUES ($1, $2, $3, $4, $5)";
    private const string RemoveBallotsSql = "DELETE FROM ballots WHERE dossier = $1";
    private const string RemoveAssessmentsSql = "DELETE FROM assessments WHERE dossier = $1";

    // Deleted rows stay in the pages of a table until they are written anew. Both tables are small, and nobody is answered yet.
    private const string RewriteSql = "VACUUM (FULL) ballots, assessments";

    // A field that a later version added is no reason to fail in this one.
    private static readonly JsonParser _parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Returns when every round that votes is sealed.</summary>
    public async Task SealAllAsync(CancellationToken cancellation)
    {
        var moved = 0;
        while (await database.InTransactionAsync(SealNextAsync, cancellation) is { } count)
        {
            moved += count;
        }

        if (moved > 0)
        {
            await using var rewrite = source.CreateCommand(RewriteSql);
            await rewrite.ExecuteNonQueryAsync(cancellation);
            logger.LogInformation("{Count} ballots and assessments of an older version are sealed", moved);
        }
    }

    private async Task<int?> SealNextAsync(Tx tx)
    {
        if (await tx.QuerySingleOrDefaultAsync(NextSql, static row => row.GetString(0)) is not { } dossier)
        {
            return null;
        }

        // Another replica that starts too may have been first: it held the row until it was done.
        if (await rounds.FindAsync(tx, dossier) is not null)
        {
            return 0;
        }

        var round = await rounds.AddAsync(tx, dossier);
        var ballots = await tx.QueryAsync(
            BallotsSql,
            static row => new Ballot
            {
                Reviewer = row.GetString(0),
                Choice = EnumText<Choice>.Parse(row.GetString(1)),
                Reason = row.GetString(2),
                CastAt = row.GetFieldValue<DateTimeOffset>(3).ToTimestamp(),
            },
            dossier);
        foreach (var ballot in ballots)
        {
            await tx.ExecuteAsync(SealBallotSql, dossier, ballot.Reviewer, round.Close(ballot.Reviewer, ballot), ballot.CastAt.ToDateTimeOffset());
        }

        var assessments = await tx.QueryAsync(
            AssessmentsSql, static row => (Reviewer: row.GetString(0), Statement: row.GetString(1), Body: _parser.Parse<Assessment>(row.GetString(2)), CastAt: row.GetFieldValue<DateTimeOffset>(3)),
            dossier);
        foreach (var (reviewer, statement, body, castAt) in assessments)
        {
            await tx.ExecuteAsync(SealAssessmentSql, dossier, reviewer, statement, round.Close(reviewer, body), castAt);
        }

        await tx.ExecuteAsync(RemoveBallotsSql, dossier);
        await tx.ExecuteAsync(RemoveAssessmentsSql, dossier);
        return ballots.Count + assessments.Count;
    }
}
