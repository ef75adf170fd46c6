using System.Reflection;
using System.Text.RegularExpressions;
using CsCheck;
using Npgsql;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Ballots;
using Poc.Testing;

namespace Poc.Review.Tests.Invariants;

/// <summary>What the database itself keeps of DOMAIN's invariants, by plain SQL of the role the service has (docs/invariants.md).</summary>
public sealed partial class RecordTests
{
    private const string OneOfEach = """
        INSERT INTO protocols VALUES (1, sha256('x'), 'x');
        INSERT INTO subjects VALUES ('subjects/a', 'A', 'Latn', '{A}', true, now());
        INSERT INTO episodes VALUES ('subjects/a/episodes/e', 'subjects/a', '2021-01-17', 'x', now());
        INSERT INTO mandates (name, subject, aim, in_force, effective_on, reason, decided_by, recorded_at) VALUES ('m', 'subjects/a', 'release', true, '2021-01-17', 'x', 'staff/a', now());
        INSERT INTO precedents VALUES ('precedents/p', 'x', '{}', '1964-01-01', 'DECLINED', 'x', '{}', true, 'staff/a', now());
        INSERT INTO dossiers (name, question, subject, episode, state, protocol, voting_ends_at, opened_at) VALUES ('d', 'DELIST', 'subjects/a', 'subjects/a/episodes/e', 'VOTING', 1, now(), now());
        INSERT INTO requests VALUES ('r', 'DELIST', 'subjects/a', '{}', '{}', 'x', false, now(), 'd', '', now());
        INSERT INTO replies (dossier, given, reason, dated, recorded_by, recorded_at) VALUES ('d', true, 'x', '2021-02-16', 'staff/a', now());
        INSERT INTO dossier_statements (dossier, statement) VALUES ('d', 's');
        INSERT INTO panel_members VALUES ('d', 'staff/a'), ('d', 'staff/b');
        INSERT INTO round_keys VALUES ('d', 'k', 'x', now());
        INSERT INTO sealed_assessments VALUES ('d', 'staff/a', 's', 'x', now());
        INSERT INTO sealed_ballots VALUES ('d', 'staff/a', 'x', now());
        INSERT INTO panel_reminders VALUES ('d', now(), false, now());
        UPDATE dossiers SET state = 'BALLOTS_OPEN', ballots_opened_at = now() WHERE name = 'd';
        INSERT INTO assessments VALUES ('d', 'staff/a', 's', '{}', 'UNCLEAR', '', now());
        INSERT INTO ballots VALUES ('d', 'staff/a', 'FOR', 'x', now());
        INSERT INTO dissents VALUES ('d', 'staff/a', 'x', true, now());
        INSERT INTO concerns (dossier, author, text, anonymous, recorded_at) VALUES ('d', 'staff/c', 'x', true, now());
        INSERT INTO decisions (name, dossier, outcome, for_count, against_count, abstain_count, eligible_count, reasons, citations, precedents, pressure_disclosure, harm_forecast, effective_on,
                               drafted_by, drafted_at, content, content_sha256, in_force_at)
        VALUES ('n', 'd', 'LABEL_WITHDRAWN', 1, 0, 0, 2, 'x', '[]', '[]', 'x', 'x', '2021-02-23', 'staff/a', now(), '{}', sha256('{}'), now());
        INSERT INTO signatures VALUES ('n', 'staff/a', 'panel-chair', sha256('{}'), now());
        INSERT INTO designation_changes VALUES ('subjects/a/episodes/e', 1, 'PROPOSED', '', '2021-01-17', NULL, 'x', NULL, 'staff/a', now());
        INSERT INTO renunciations VALUES ('subjects/a/episodes/e', 1, 'subject', '2021-02-25', 'x', NULL);
        INSERT INTO dossiers (name, question, subject, state, appeals, opened_at) VALUES ('ap', 'APPEAL', 'subjects/a', 'GATHERING', 'n', now());
        INSERT INTO appeals VALUES ('ap', 'subject', 'x', '{}');
        INSERT INTO campaign_requests VALUES ('q', 'campaigns/1', now());
        INSERT INTO campaign_changes VALUES ('campaigns/1', 'RAISED', 1, '', '', NULL, now());
        INSERT INTO ties VALUES ('01890a5d-ac96-774b-bcce-b302099a8057', 'subjects/a', 'staff/c', 'x', 'staff/a', now());
        INSERT INTO subjects VALUES ('subjects/b', 'B', 'Latn', '{B}', true, now());
        INSERT INTO identity_changes (id, subject, kind, other, reason, seen, proposed_by, proposed_at) VALUES ('01890a5d-ac96-774b-bcce-b302099a8058', 'subjects/b', 'MERGED', 'subjects/a', 'x', 0, 'staff/a', now());
        INSERT INTO identity_confirmations (change, confirmed_by, confirmed_at) VALUES ('01890a5d-ac96-774b-bcce-b302099a8058', 'staff/b', now());
        INSERT INTO register_news (subject, recorded_at) VALUES ('subjects/a', now());
        INSERT INTO tie_ends VALUES ('01890a5d-ac96-774b-bcce-b302099a8057', 'x', 'staff/a', now());
        """;

    private static readonly string[] Kept =
        ["protocols", "mandates", "precedents", "requests", "appeals", "replies", "assessments", "ballots", "dissents", "concerns", "signatures", "designation_changes", "decisions",
            "campaign_requests", "campaign_changes", "ties", "tie_ends", "round_keys", "sealed_assessments", "sealed_ballots", "panel_reminders", "subjects", "episodes", "identity_changes", "identity_confirmations", "renunciations", "register_news"];

    [Fact]
    public async Task History_is_neither_changed_nor_deleted_nor_emptied()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await database.ExecuteAsync(OneOfEach);
        foreach (var table in Kept)
        {
            var column = await database.ScalarAsync<string>(
                "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1 AND is_identity = 'NO' AND column_name NOT IN ('published_at', 'leak_mode', 'revision') ORDER BY ordinal_position LIMIT 1 OFFSET 1", table);
            var other = table == "decisions" ? "reasons = 'y'" : $"{column} = {column}";
            foreach (var sql in (string[])[$"UPDATE {table} SET {other}", $"DELETE FROM {table}", $"TRUNCATE {table} CASCADE"])
            {
                var refused = await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(sql));
                Assert.True(refused.SqlState == PostgresErrorCodes.RestrictViolation, $"{sql}: {refused.Message}");
            }
        }

        // The same statement changes what is no history: the refusals are the triggers', not the statement's.
        Assert.Equal(2, await database.ExecuteAsync("UPDATE panel_members SET conflict = conflict"));
        // And without its trigger a table is as open as any: the test would see one that lacks it.
        await database.ExecuteAsync("ALTER TABLE replies DISABLE TRIGGER tr_replies_kept");
        Assert.Equal(1, await database.ExecuteAsync("UPDATE replies SET reason = 'y'"));
    }

    [Fact]
    public async Task Not_retracted_needs_its_search_and_nothing_is_public_that_is_not_in_force()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await database.ExecuteAsync(OneOfEach);
        await RefusedAsync("INSERT INTO assessments VALUES ('d', 'staff/b', 's', '{}', 'NOT_RETRACTED', '', now())", "ck_assessments_search_record");
        Assert.Equal(1, await database.ExecuteAsync("INSERT INTO assessments VALUES ('d', 'staff/b', 's', '{}', 'NOT_RETRACTED', 'e1', now())"));
        await RefusedAsync("""
            INSERT INTO decisions (name, dossier, outcome, for_count, against_count, abstain_count, eligible_count, reasons, citations, precedents, pressure_disclosure, harm_forecast, effective_on,
                                   drafted_by, drafted_at, published_at)
            VALUES ('n2', 'ap', 'APPEAL_DISMISSED', 1, 0, 0, 2, 'x', '[]', '[]', 'x', 'x', '2021-02-23', 'staff/a', now(), now())
            """, "ck_decisions_embargo");
        Assert.Equal(1, await database.ExecuteAsync("UPDATE decisions SET published_at = now() WHERE name = 'n'"));

        async Task RefusedAsync(string sql, string constraint) =>
            Assert.Equal(constraint, (await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(sql))).ConstraintName);
    }

    [Fact]
    public async Task Whatever_is_cast_and_opened_in_which_order_a_reader_sees_their_own_and_what_is_open()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await database.ExecuteAsync(OneOfEach);
        await database.ExecuteAsync("""
            INSERT INTO dossiers (name, question, subject, episode, state, protocol, voting_ends_at, opened_at)
            SELECT 'd' || i, 'DELIST', 'subjects/a', 'subjects/a/episodes/e', 'VOTING', 1, now(), now() FROM generate_series(0, 11) AS i;
            INSERT INTO panel_members SELECT 'd' || i, 'staff/' || j FROM generate_series(0, 11) AS i, generate_series(0, 4) AS j;
            INSERT INTO round_keys SELECT 'd' || i, 'k', 'x', now() FROM generate_series(0, 11) AS i;
            """);
        var (cast, open) = (new HashSet<(int Dossier, int Member)>(), new HashSet<int>());
        var (random, hidden) = (new Random(2_021), 0);
        for (var step = 0; step < 300; step++)
        {
            var (dossier, member) = (random.Next(12), random.Next(5));
            if (random.Next(20) == 0)
            {
                if (open.Add(dossier))
                {
                    await database.ExecuteAsync("UPDATE dossiers SET state = 'BALLOTS_OPEN', ballots_opened_at = now() WHERE name = $1", $"d{dossier}");
                    await database.ExecuteAsync("INSERT INTO ballots SELECT dossier, reviewer, 'FOR', 'x', cast_at FROM sealed_ballots WHERE dossier = $1", $"d{dossier}");
                }
            }
            else if (!open.Contains(dossier) && cast.Add((dossier, member)))
            {
                await database.ExecuteAsync("INSERT INTO sealed_ballots VALUES ($1, $2, 'x', now())", $"d{dossier}", $"staff/{member}");
            }

            var reader = random.Next(6); // the sixth sits on no panel
            var seen = await ReadAsync(database, $"staff/{reader}");
            Assert.Equal(cast.Where(vote => vote.Member == reader || open.Contains(vote.Dossier)).Select(static vote => $"d{vote.Dossier} staff/{vote.Member}").Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
            hidden += cast.Count - seen.Count;
        }

        Assert.True(hidden > 0); // there was something to hide
        // Without the reader's role the same query shows all: it is the policy that hides.
        Assert.Equal(cast.Count, await database.ScalarAsync<long>("SELECT count(*) FROM sealed_ballots WHERE dossier <> 'd'"));
    }

    [Fact]
    public async Task Nothing_lies_open_of_a_round_that_is_sealed_and_what_lies_open_stays()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await database.ExecuteAsync(OneOfEach);
        const string Early = "INSERT INTO ballots VALUES ('d', 'staff/b', 'FOR', 'x', now())";
        await database.ExecuteAsync("UPDATE dossiers SET state = 'VOTING', ballots_opened_at = NULL WHERE name = 'd'");
        Assert.Equal("ballots of d are sealed", (await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(Early))).MessageText);

        // Only what is there as ciphertext may go from among what is open, and only while its round is sealed.
        Assert.Equal(1, await database.ExecuteAsync("DELETE FROM assessments WHERE dossier = 'd' AND reviewer = 'staff/a'"));
        await database.ExecuteAsync("ALTER TABLE ballots DISABLE TRIGGER tr_ballots_opened");
        Assert.Equal(1, await database.ExecuteAsync(Early)); // it was the trigger that refused
        Assert.Equal("ballots is append-only", (await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync("DELETE FROM ballots WHERE reviewer = 'staff/b'"))).MessageText);
    }

    [Theory]
    [InlineData("SELECT count(*) FROM concerns")]
    [InlineData("SELECT count(*) FROM decisions")]
    [InlineData("UPDATE dossiers SET ballots_opened_at = now()")]
    [InlineData("UPDATE panel_members SET conflict = ''")]
    public async Task The_readers_role_can_neither_read_more_nor_open_anything(string sql)
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.Database.InTransactionAsync(async tx =>
        {
            await SealedReading.AsAsync(tx, new Caller("staff/a", new HashSet<string>()));
            await tx.ExecuteAsync(sql);
        }, CancellationToken.None));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Nothing_of_who_asked_how_many_asked_or_what_a_machine_scored_is_stored_beside_a_review()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        var columns = await database.Database.InTransactionAsync(static tx => tx.QueryAsync(
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'", static row => row.GetString(0)), CancellationToken.None);
        Assert.Contains("requests.text_sha256", columns);
        Assert.DoesNotContain(columns, static column => Pressure().IsMatch(column) && !column.StartsWith("campaign_", StringComparison.Ordinal));
        // Which requests lie below one entry, and what persons say of it: no number of anything.
        Assert.Equal(
            [
                "campaign_changes.campaign", "campaign_changes.changed_at", "campaign_changes.classification", "campaign_changes.kind", "campaign_changes.merged_into", "campaign_changes.said_by",
                "campaign_changes.version", "campaign_requests.campaign", "campaign_requests.joined_at", "campaign_requests.request",
            ],
            columns.Where(static column => column.StartsWith("campaign_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Matches(Pressure(), "requests.partner"); // the rule finds what it should
        Assert.Matches(Pressure(), "dossiers.campaign_score");
    }

    [Fact]
    public void What_is_judged_reads_nothing_of_campaigns()
    {
        var sql = Statements();
        Assert.Equal(["CampaignEntries", "DossierView", "NoteCampaign"], ReadersOf("campaign_(requests|changes)", sql));
        // The rule finds a judgement that would look.
        Assert.Contains("AdmitRequest", ReadersOf("campaign_(requests|changes)", [.. sql, ("AdmitRequest", "SELECT 1 FROM campaign_requests WHERE request = $1")]));
    }

    [Fact]
    public void Only_its_own_slice_writes_a_mandate_a_vote_an_assessment_and_the_history_of_designations()
    {
        var sql = Statements();
        Assert.Equal(["DecideMandate"], WritersOf("mandates", sql));
        // What is open comes from opening; the sealer only takes away what an older version had left in the clear.
        Assert.Equal(["CastBallot", "OpenRoundSealer"], WritersOf("sealed_ballots", sql));
        Assert.Equal(["CastAssessment", "OpenRoundSealer"], WritersOf("sealed_assessments", sql));
        Assert.Equal(["OpenRoundSealer", "RoundOpening"], WritersOf("ballots", sql));
        Assert.Equal(["OpenRoundSealer", "RoundOpening"], WritersOf("assessments", sql));
        Assert.Equal(["DesignationLedger"], WritersOf("designation_changes", sql));
        // Nothing is merged, separated or renamed but by who confirms it.
        Assert.Equal(["ConfirmIdentityChange"], WritersOf("identity_confirmations", sql));
        Assert.Equal(["CreateSubject"], WritersOf("subjects", sql));
        Assert.Equal(["OpenEpisode"], WritersOf("episodes", sql));
        Assert.Equal(["EndDesignation"], WritersOf("renunciations", sql));
        // The rule finds a slice that would change a mandate along with a label.
        Assert.Equal(["DecideMandate", "SignDecision"], WritersOf("mandates", [.. sql, ("SignDecision", "UPDATE mandates SET in_force = false WHERE subject = $1")]));
    }

    private static List<(string Type, string Sql)> Statements() =>
    [
        .. typeof(ReviewHost).Assembly.GetTypes()
            .SelectMany(static type => type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(static field => field.IsLiteral && field.FieldType == typeof(string)).Select(static field => (Type: field.DeclaringType!.Name, Sql: (string)field.GetRawConstantValue()!)),
    ];

    private static IEnumerable<string> ReadersOf(string table, IEnumerable<(string Type, string Sql)> sql) =>
        sql.Where(each => Regex.IsMatch(each.Sql, $@"\b{table}\b")).Select(static each => each.Type).Distinct().Order(StringComparer.Ordinal);

    private static IEnumerable<string> WritersOf(string table, IEnumerable<(string Type, string Sql)> sql) =>
        sql.Where(each => Regex.IsMatch(each.Sql, $@"\b(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+{table}\b")).Select(static each => each.Type).Distinct().Order(StringComparer.Ordinal);

    private static Task<IReadOnlyList<string>> ReadAsync(TestDatabase database, string reader) => database.Database.InTransactionAsync(async tx =>
    {
        await SealedReading.AsAsync(tx, new Caller(reader, new HashSet<string>()));
        return await tx.QueryAsync("SELECT dossier || ' ' || reviewer FROM (SELECT dossier, reviewer FROM ballots UNION SELECT dossier, reviewer FROM sealed_ballots) AS seen WHERE dossier <> 'd'", static row => row.GetString(0));
    }, CancellationToken.None);

    [GeneratedRegex("partner|sender|requester|campaign|score|volume", RegexOptions.IgnoreCase)]
    private static partial Regex Pressure();
}
