using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Migrator;
using Poc.Postgres;
using Poc.Review.Ballots;
using Poc.Testing;

namespace Poc.Review.Tests.Ballots;

/// <summary>A database of the version before rounds were sealed, with one round that votes and one that is open.</summary>
public sealed class OpenRoundSealerTests
{
    private const string Old = """
        INSERT INTO protocols VALUES (1, sha256('x'), 'x');
        INSERT INTO subjects VALUES ('subjects/a', 'A', 'Latn', '{A}', true, now());
        INSERT INTO episodes VALUES ('subjects/a/episodes/e', 'subjects/a', '2021-01-17', 'x', now());
        INSERT INTO dossiers (name, question, subject, episode, state, protocol, voting_ends_at, ballots_opened_at, opened_at)
        VALUES ('votes', 'DELIST', 'subjects/a', 'subjects/a/episodes/e', 'VOTING', 1, now(), NULL, now()), ('open', 'DELIST', 'subjects/a', 'subjects/a/episodes/e', 'BALLOTS_OPEN', 1, now(), now(), now());
        INSERT INTO dossier_statements (dossier, statement) VALUES ('votes', 's'), ('open', 's');
        INSERT INTO panel_members SELECT d, s FROM unnest('{votes,open}'::text[]) AS d, unnest('{staff/a,staff/b}'::text[]) AS s;
        INSERT INTO assessments SELECT d, 'staff/a', 's', '{"reviewer":"staff/a","statement":"s","searchRecord":"canary"}', 'UNCLEAR', '', '2021-02-03' FROM unnest('{votes,open}'::text[]) AS d;
        INSERT INTO ballots SELECT d, s, 'AGAINST', 'canary', '2021-02-03' FROM unnest('{votes,open}'::text[]) AS d, unnest('{staff/a,staff/b}'::text[]) AS s;
        INSERT INTO writes (caller, request_id, method, body_sha256, response)
        VALUES ('staff/a', gen_random_uuid(), 'poc.review.v1.CastBallotRequest', sha256('x'), 'canary'), ('staff/c', gen_random_uuid(), 'poc.review.v1.CastBallotRequest', sha256('x'), 'kept');
        """;

    private static readonly RoundKeys Rounds = new(Options.Create(new SealKeysOptions { CurrentKey = "k", Keys = { ["k"] = Convert.ToBase64String(new byte[32]) } }), TimeProvider.System);

    [Fact]
    public async Task An_open_round_of_an_older_version_is_sealed_once_and_what_was_open_stays_as_it_was()
    {
        var connection = await Servers.NewDatabaseAsync("reviewdb");
        var older = ServiceDatabases.ScriptsOf("reviewdb").Where(static script => string.CompareOrdinal(script.Name, "0008") < 0).ToArray();
        Assert.Contains(older, static script => script.Name.Contains("0005_", StringComparison.Ordinal));
        await Migrations.ApplyAsync(connection, older, NullLogger.Instance, CancellationToken.None);
        await using (var before = NpgsqlDataSource.Create(connection))
        {
            await new Database(before, TimeProvider.System).InTransactionAsync(tx => tx.ExecuteAsync(Old), CancellationToken.None);
        }

        await using var database = await TestDatabase.AtAsync(connection, "reviewdb");
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM ballots WHERE dossier = 'votes'")); // in the clear, until the service starts
        await Task.WhenAll(SealAsync(), SealAsync()); // two replicas at once
        await SealAsync();

        Assert.Equal(["open staff/a", "open staff/b"], await RowsAsync("SELECT dossier || ' ' || reviewer FROM ballots ORDER BY 1"));
        Assert.Equal(["open staff/a"], await RowsAsync("SELECT dossier || ' ' || reviewer FROM assessments"));
        Assert.Equal(["votes staff/a", "votes staff/b"], await RowsAsync("SELECT dossier || ' ' || reviewer FROM sealed_ballots ORDER BY 1"));
        Assert.Equal(["votes staff/a s"], await RowsAsync("SELECT dossier || ' ' || reviewer || ' ' || statement FROM sealed_assessments"));
        Assert.Equal(["staff/c"], await RowsAsync("SELECT caller FROM writes"));

        var (ballot, assessment, box) = await database.Database.ReadAsync(async tx =>
        {
            var (key, caller) = ((await Rounds.FindAsync(tx, "votes"))!, new Caller("staff/a", new HashSet<string>()));
            return (await SealedReading.BallotAsync(tx, key, "votes", caller), await SealedReading.AssessmentAsync(tx, key, "votes", caller, "s"), await BallotBox.ReadAsync(tx, "votes"));
        }, CancellationToken.None);
        Assert.Equal((Choice.Against, "canary", "2021-02-03"), (ballot!.Choice, ballot.Reason, ballot.CastAt.ToDateTime().ToString("yyyy-MM-dd", null)));
        Assert.Equal("canary", assessment!.SearchRecord);
        Assert.Equal((2, 0), (box.Cast, box.Votes.Count)); // known to have voted, not how
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM ballots WHERE reason = 'canary'"));

        // What is open is as append-only as before.
        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync("DELETE FROM ballots WHERE dossier = 'open'"));
        Assert.Equal(PostgresErrorCodes.RestrictViolation, refused.SqlState);

        async Task SealAsync() => await new OpenRoundSealer(database.Database, database.Source, Rounds, NullLogger<OpenRoundSealer>.Instance).SealAllAsync(CancellationToken.None);

        Task<IReadOnlyList<string>> RowsAsync(string sql) => database.Database.ReadAsync(tx => tx.QueryAsync(sql, static row => row.GetString(0)), CancellationToken.None);
    }
}
