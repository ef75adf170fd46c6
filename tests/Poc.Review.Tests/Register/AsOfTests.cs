using System.Globalization;
using System.Reflection;
using Poc.Review.Register;
using Poc.Testing;

namespace Poc.Review.Tests.Register;

/// <summary>What a reading of the register costs where many designations with long histories are on record.</summary>
public sealed class AsOfTests
{
    // Enough to tell a reading of one from a reading of all by its plan. How long readings take among 100,000 is measured by Poc.Hammer register.
    private const int Designations = 2_000;

    private static readonly string SaidSql = (string)typeof(RegisterView).GetField("SaidSql", BindingFlags.Static | BindingFlags.NonPublic)!.GetRawConstantValue()!;

    // As it was before: a common table expression that is used twice is computed whole.
    private const string WholeSql = """
        CREATE OR REPLACE VIEW designation_history AS
        WITH said AS (SELECT c.*, COALESCE(c.said_on, (n.published_at AT TIME ZONE 'UTC')::date) AS own_day FROM designation_changes AS c LEFT JOIN decisions AS n ON n.name = c.decision)
        SELECT s.episode, s.sequence, s.state, s.label, s.effective_on, s.decision, s.reason, s.recorded_at,
               CASE WHEN s.decision IS NULL AND s.said_on IS NULL
                    THEN (SELECT min(later.own_day) FROM said AS later WHERE later.episode = s.episode AND later.sequence > s.sequence) ELSE s.own_day END AS public_day
        FROM said AS s
        """;

    [Fact]
    public async Task A_reading_as_of_a_day_reads_the_one_history_it_is_about()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await FillAsync(database);

        var random = new Random(2021);
        for (var i = 0; i < 200; i++)
        {
            var (subject, day) = ($"subjects/s{1 + random.Next(Designations)}", 1 + random.Next(20));
            var entry = Assert.Single(await database.Database.ReadAsync(tx => RegisterView.ReadAsync(tx, [subject], new DateOnly(2021, 1, 17).AddDays(day)), CancellationToken.None));
            // Every second change is said, on its own day, and those of procedure before it with it.
            Assert.Equal(day / 2 * 2, entry.Episodes.Sum(static episode => episode.History.Count));
        }

        Assert.DoesNotContain("Seq Scan on designation_changes", await PlanAsync(database), StringComparison.Ordinal);

        // What reads all is told apart by its plan.
        await database.ExecuteAsync(WholeSql);
        Assert.Contains("Seq Scan on designation_changes", await PlanAsync(database), StringComparison.Ordinal);
    }

    private static async Task<string> PlanAsync(TestDatabase database) => string.Join('\n', await database.Database.ReadAsync(
        static tx => tx.QueryAsync("EXPLAIN " + SaidSql, static row => row.GetString(0), new[] { "subjects/s7" }, new DateOnly(2021, 2, 1), new[] { "subjects/s7" }), CancellationToken.None));

    // Without the checks of each row, which take longer than the rows.
    private static async Task FillAsync(TestDatabase database)
    {
        var numbers = string.Create(CultureInfo.InvariantCulture, $"generate_series(1, {Designations}) AS i");
        await database.ExecuteAsync($"""
            SET session_replication_role = replica;
            INSERT INTO subjects SELECT 'subjects/s' || i, 'N', 'Latn', '{"{}"}', true, now() FROM {numbers};
            INSERT INTO episodes SELECT 'subjects/s' || i || '/episodes/e', 'subjects/s' || i, '2021-01-17', 'x', now() FROM {numbers};
            INSERT INTO designation_changes
            SELECT 'subjects/s' || i || '/episodes/e', j, CASE WHEN j % 2 = 0 THEN 'DESIGNATED' ELSE 'UNDER_RECONSIDERATION' END, '', '2021-01-17'::date + j, NULL, 'x',
                   CASE WHEN j % 2 = 0 THEN '2021-01-17'::date + j END, 'staff/a', now()
            FROM {numbers}, generate_series(1, 20) AS j;
            SET session_replication_role = DEFAULT;
            """);

        await database.ExecuteAsync("ANALYZE subjects, episodes, designation_changes");
    }
}
