using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Poc.Contracts.Events;
using Poc.Contracts.Events.Review.V1;
using Poc.Kernel;
using Poc.Review.Panels;
using Poc.Testing;

namespace Poc.Review.Tests.Panels;

/// <summary>One panel of three, whose term ends on 15 February; a2 has voted and a3 has stepped back.</summary>
public sealed class TermRemindersTests
{
    private const string Panel = """
        INSERT INTO protocols VALUES (1, sha256('x'), 'x');
        INSERT INTO subjects VALUES ('subjects/a', 'A', 'Latn', '{A}', true, now());
        INSERT INTO episodes VALUES ('subjects/a/episodes/e', 'subjects/a', '2021-01-17', 'x', now());
        INSERT INTO dossiers (name, question, subject, episode, state, protocol, voting_ends_at, opened_at)
        VALUES ('dossiers/d', 'DELIST', 'subjects/a', 'subjects/a/episodes/e', 'VOTING', 1, '2021-02-15 12:00Z', now());
        INSERT INTO panel_members (dossier, staff, conflict) VALUES ('dossiers/d', 'staff/a1', ''), ('dossiers/d', 'staff/a2', ''), ('dossiers/d', 'staff/a3', 'A tie.');
        INSERT INTO round_keys VALUES ('dossiers/d', 'k', 'x', now());
        INSERT INTO sealed_ballots VALUES ('dossiers/d', 'staff/a2', 'x', now());
        """;

    [Fact]
    public async Task Who_has_not_voted_is_reminded_once_and_the_lapse_is_told_once_whoever_looks_and_how_often()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await database.ExecuteAsync(Panel);

        await LookAsync(database, "2021-02-13T11:59:00Z");
        Assert.Empty(await ToldAsync(database));

        // Replicas at once, and one that was started anew.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LookAsync(database, "2021-02-13T12:00:00Z")));
        await LookAsync(database, "2021-02-14T12:00:00Z");
        var near = Assert.Single(await ToldAsync(database));
        Assert.Equal(("dossiers/d", 1L, "subjects/a", false), (near.Aggregate, near.Version, near.Subject, near.Lapsed));
        Assert.Equal(["staff/a1"], near.Members);
        Assert.Equal(DateTimeOffset.Parse("2021-02-15T12:00:00Z", null), near.VotingEndsAt);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LookAsync(database, "2021-02-15T12:00:00Z")));
        await LookAsync(database, "2021-03-01T12:00:00Z");
        Assert.Equal([(1L, false), (2L, true)], (await ToldAsync(database)).Select(static told => (told.Version, told.Lapsed)));
    }

    [Fact]
    public async Task A_term_that_begins_anew_is_told_of_anew()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await database.ExecuteAsync(Panel);
        await LookAsync(database, "2021-02-14T12:00:00Z");
        await database.ExecuteAsync("UPDATE dossiers SET voting_ends_at = '2021-02-28 12:00Z'");
        await LookAsync(database, "2021-02-16T12:00:00Z");
        Assert.Single(await ToldAsync(database));
        await LookAsync(database, "2021-02-27T12:00:00Z");
        Assert.Equal([1L, 2L], (await ToldAsync(database)).Select(static told => told.Version));
    }

    [Fact]
    public async Task After_a_time_in_which_nothing_ran_what_is_true_then_is_told()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await database.ExecuteAsync(Panel);
        await LookAsync(database, "2021-02-20T12:00:00Z");
        Assert.True(Assert.Single(await ToldAsync(database)).Lapsed);
    }

    [Fact]
    public async Task A_panel_whose_ballots_are_open_is_told_nothing()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await database.ExecuteAsync(Panel);
        await database.ExecuteAsync("UPDATE dossiers SET state = 'BALLOTS_OPEN', ballots_opened_at = now()");
        await LookAsync(database, "2021-02-20T12:00:00Z");
        Assert.Empty(await ToldAsync(database));
    }

    private static async Task LookAsync(TestDatabase database, string at)
    {
        var clock = new At(DateTimeOffset.Parse(at, null));
        using var replica = new TermReminders(database.Database, Options.Create(new ReviewOptions()), new IdSource(TimeProvider.System), clock, NullLogger<TermReminders>.Instance);
        await replica.TellDueAsync(CancellationToken.None);
    }

    private static async Task<IReadOnlyList<PanelTermEnding>> ToldAsync(TestDatabase database) =>
        [.. (await database.Database.ReadAsync(static tx => tx.QueryAsync("SELECT body FROM outbox ORDER BY id", static row => row.GetString(0)), CancellationToken.None))
            .Select(static body => JsonSerializer.Deserialize<PanelTermEnding>(body, EventCatalogue.Json)!)];

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
