using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Testing;

namespace Poc.Review.Tests.Ballots;

/// <summary>While a round is sealed, what was cast is nowhere in the clear.</summary>
public sealed class SealedRoundTests(ReviewStack stack)
{
    private const string Canary = "Канарейка-2b81";

    [Fact]
    public async Task What_is_sealed_is_in_no_table_log_trace_or_message_and_after_opening_it_is()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var seated = (await @case.SeatAsync(await @case.AttachAsync(await @case.AskAsync(), @case.Statements[0]), "protocols/v1", "a1", "a2", "a3")).Dossier;
        var (replica, address) = await stack.ReplicaAsync(("Logging:LogLevel:Default", "Trace"), ("Logging:Console:LogLevel:Default", "None"));
        await using var running = replica;
        using var seen = new Seen();
        replica.Services.GetRequiredService<ILoggerFactory>().AddProvider(seen);
        using var channel = GrpcChannel.ForAddress(address);
        var client = new ReviewService.ReviewServiceClient(channel);

        var assessment = Some.Assessment(@case.Statements[0]);
        assessment.Intent.Reason = $"reason {Canary}";
        var assess = new CastAssessmentRequest { RequestId = Some.RequestId(), Dossier = seated.Name, Assessment = assessment };
        var vote = new CastBallotRequest { RequestId = Some.RequestId(), Dossier = seated.Name, Ballot = new Ballot { Choice = Choice.Against, Reason = Canary } };
        var assessed = await client.CastAssessmentAsync(assess, Staff.Reviewer("a1"));
        var voted = await client.CastBallotAsync(vote, Staff.Reviewer("a1"));

        // A repetition is answered from what is sealed; the same id for another vote is refused, as ever.
        Assert.Equal(assessed, await client.CastAssessmentAsync(assess, Staff.Reviewer("a1")));
        Assert.Equal(voted, await client.CastBallotAsync(vote, Staff.Reviewer("a1")));
        var changed = new CastBallotRequest(vote) { Ballot = new Ballot { Choice = Choice.For, Reason = Canary } };
        await client.CastBallotAsync(changed, Staff.Reviewer("a1")).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        await client.CastBallotAsync(new CastBallotRequest(vote) { RequestId = "no" }, Staff.Reviewer("a1")).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        var own = await client.ListBallotsAsync(new ListBallotsRequest { Dossier = seated.Name }, Staff.Reviewer("a1"));
        Assert.Equal(Canary, Assert.Single(own.Ballots).Reason); // its author has it

        Assert.Empty(await TablesWithAsync(@case, Canary));
        Assert.Equal(["sealed_ballots"], await TablesWithSealedBallotAsync(@case, seated.Name));
        Assert.Contains(seen.Texts, text => text.Contains("sealed_ballots", StringComparison.Ordinal)); // the statements were seen
        Assert.DoesNotContain(seen.Texts, static text => text.Contains(Canary, StringComparison.Ordinal));
        Assert.DoesNotContain(@case.Stack.Others.Heard, static heard => heard.ToString()!.Contains(Canary, StringComparison.Ordinal));

        foreach (var member in (string[])["a2", "a3"])
        {
            await @case.AssessAsync(seated.Name, member, Some.Assessment(@case.Statements[0]));
            await @case.VoteAsync(seated.Name, member, Choice.For);
        }

        Assert.Equal(["assessments", "ballots"], await TablesWithAsync(@case, Canary)); // the search finds what is there in the clear
    }

    [Theory]
    [InlineData("INSERT INTO ballots VALUES ($1, 'staff/a1', 'FOR', 'x', now())")]
    [InlineData("INSERT INTO assessments VALUES ($1, 'staff/a1', $2, '{}', 'UNCLEAR', '', now())")]
    public async Task The_services_own_role_can_put_nothing_in_the_clear_while_a_round_is_sealed(string sql)
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AttachAsync(await @case.AskAsync(), @case.Statements[0]), "protocols/v1", "a1", "a2", "a3")).Dossier.Name;
        object?[] values = sql.Contains("$2", StringComparison.Ordinal) ? [dossier, @case.Statements[0]] : [dossier];
        var refused = await Assert.ThrowsAsync<PostgresException>(() => @case.Stack.Database.ExecuteAsync(sql, values));
        Assert.Contains("are sealed", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_the_dossier_open_by_plain_SQL_shows_no_vote()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier.Name;
        await @case.VoteAsync(dossier, "a1", Choice.Against);
        await @case.Stack.Database.ExecuteAsync("UPDATE dossiers SET state = 'BALLOTS_OPEN', ballots_opened_at = now() WHERE name = $1", dossier);
        Assert.Empty((await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier }, Staff.Auditor)).Ballots);
    }

    [Fact]
    public async Task A_round_whose_seal_was_changed_or_whose_key_is_missing_does_not_open_and_loses_nothing()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier.Name;
        await @case.VoteAsync(dossier, "a1", Choice.For);
        await @case.VoteAsync(dossier, "a2", Choice.Against);

        // A replica with another master key can neither seal nor open.
        var (replica, address) = await stack.ReplicaAsync(("Review:SealKeys:Keys:test", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));
        await using (replica)
        {
            using var channel = GrpcChannel.ForAddress(address);
            var vote = new CastBallotRequest { RequestId = Some.RequestId(), Dossier = dossier, Ballot = new Ballot { Choice = Choice.For, Reason = "r" } };
            Assert.Equal(StatusCode.Internal, (await Assert.ThrowsAsync<RpcException>(async () => await new ReviewService.ReviewServiceClient(channel).CastBallotAsync(vote, Staff.Reviewer("a3")))).StatusCode);
        }

        // One ballot in the place of another: whoever owns the tables can do it, and it is found.
        await SwapAsync();
        Assert.Equal(StatusCode.Internal, (await Assert.ThrowsAsync<RpcException>(async () => await @case.VoteAsync(dossier, "a3", Choice.For))).StatusCode);
        Assert.Equal(Dossier.Types.State.Voting, (await @case.DossierAsync(dossier)).State);
        await SwapAsync();
        Assert.True((await @case.VoteAsync(dossier, "a3", Choice.For)).Opened);
        Assert.Equal(new Tally { ForCount = 2, AgainstCount = 1, EligibleCount = 3 }, (await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier }, Staff.Auditor)).Tally);

        Task SwapAsync() => @case.Stack.Database.Database.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("ALTER TABLE sealed_ballots DISABLE TRIGGER tr_sealed_ballots_kept");
            await tx.ExecuteAsync("""
                UPDATE sealed_ballots AS s SET sealed = o.sealed FROM sealed_ballots AS o
                WHERE s.dossier = $1 AND o.dossier = $1 AND s.reviewer <> o.reviewer AND s.reviewer IN ('staff/a1', 'staff/a2') AND o.reviewer IN ('staff/a1', 'staff/a2')
                """, dossier);
            await tx.ExecuteAsync("ALTER TABLE sealed_ballots ENABLE TRIGGER tr_sealed_ballots_kept");
        }, CancellationToken.None);
    }

    [Fact]
    public async Task What_was_sealed_by_somebody_who_stepped_back_stays_sealed_but_for_them()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AttachAsync(await @case.AskAsync(), @case.Statements[0]), "protocols/v1", "a1", "a2", "a3", "a4")).Dossier.Name;
        foreach (var member in (string[])["a4", "a1", "a2", "a3"])
        {
            await @case.AssessAsync(dossier, member, Some.Assessment(@case.Statements[0]));
            await @case.VoteAsync(dossier, member, Choice.For);
            if (member == "a4")
            {
                await @case.Client.DeclareConflictAsync(new DeclareConflictRequest { RequestId = Some.RequestId(), Dossier = dossier, Reason = "A tie." }, Staff.Reviewer("a4"));
            }
        }

        foreach (var (who, count) in new[] { (Staff.Auditor, 3), (Staff.Reviewer("a1"), 3), (Staff.Reviewer("a4"), 4) })
        {
            Assert.Equal(count, (await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier }, who)).Ballots.Count);
            Assert.Equal(count, (await @case.Client.ListAssessmentsAsync(new ListAssessmentsRequest { Dossier = dossier }, who)).Assessments.Count);
        }

        Assert.Equal(0, await @case.Stack.Database.ScalarAsync<long>("SELECT count(*) FROM ballots WHERE dossier = $1 AND reviewer = 'staff/a4'", dossier));
    }

    /// <summary>All tables that have the text, as text or as bytes.</summary>
    private static async Task<IReadOnlyList<string>> TablesWithAsync(Case @case, string text)
    {
        var found = new List<string>();
        var database = @case.Stack.Database;
        var tables = await database.Database.ReadAsync(tx => tx.QueryAsync("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1", static row => row.GetString(0)), CancellationToken.None);
        foreach (var table in tables)
        {
            if (await database.ScalarAsync<bool>(
                $"SELECT EXISTS (SELECT 1 FROM {table} AS t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0)", text, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text))))
            {
                found.Add(table);
            }
        }

        return found;
    }

    private static async Task<IReadOnlyList<string>> TablesWithSealedBallotAsync(Case @case, string dossier) => await TablesWithAsync(
        @case, await @case.Stack.Database.ScalarAsync<string>("SELECT encode(sealed, 'hex') FROM sealed_ballots WHERE dossier = $1", dossier));

    /// <summary>Every line of a log, and every tag of a trace.</summary>
    private sealed class Seen : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _texts = [];
        private readonly ActivityListener _listener;

        public Seen()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = static _ => true,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity => _texts.Enqueue(
                    $"{activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects.Concat(activity.Events.SelectMany(static each => each.Tags)).Select(static tag => $"{tag.Key}={tag.Value}"))}"),
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IEnumerable<string> Texts => _texts;

        public ILogger CreateLogger(string categoryName) => new Lines(_texts);

        public void Dispose() => _listener.Dispose();

        private sealed class Lines(ConcurrentQueue<string> texts) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                texts.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }
}
