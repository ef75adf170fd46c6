using Grpc.Core;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Testing;

namespace Poc.Intake.Tests.Requests;

/// <summary>Each test has an Intake and a database of its own, because it makes the database misbehave.</summary>
public sealed class GroupCommitTests
{
    private const string Nowhere = "amqp://nobody:nothing@127.0.0.1:1";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_that_the_database_refuses_does_not_take_its_neighbours_with_it()
    {
        await using var parts = await StartAsync();
        var partner = await parts.Intake.NewPartnerAsync();
        await parts.Intake.Database.ExecuteAsync("ALTER TABLE requests ADD CONSTRAINT ck_test_poison CHECK (text <> 'poison')");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => OutcomeAsync(partner, Filings.Delist(i % 40 == 7 ? "poison" : $"text {i}"))));

        Assert.Equal((195, 5), (outcomes.Count(static outcome => outcome == StatusCode.OK), outcomes.Count(static outcome => outcome == StatusCode.Internal)));
        Assert.Equal((195L, 195L, 195L), (await CountAsync(parts, "requests"), await CountAsync(parts, "request_states"), await CountAsync(parts, "outbox")));
    }

    [Fact]
    public async Task Nothing_is_acknowledged_before_its_commit_succeeded()
    {
        await using var parts = await StartAsync();
        var partner = await parts.Intake.NewPartnerAsync();
        // Every statement succeeds; what fails is COMMIT.
        await parts.Intake.Database.ExecuteAsync(
            """
            CREATE FUNCTION refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '23514'; END $$;
            CREATE CONSTRAINT TRIGGER tr_test_refuse AFTER INSERT ON requests DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.text = 'late poison') EXECUTE FUNCTION refuse_at_commit();
            """);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => OutcomeAsync(partner, Filings.Delist(i == 50 ? "late poison" : $"text {i}"))));

        Assert.Equal(StatusCode.Internal, outcomes[50]);
        Assert.Equal(99, outcomes.Count(static outcome => outcome == StatusCode.OK));
        Assert.Equal((99L, 99L), (await CountAsync(parts, "requests"), await CountAsync(parts, "outbox")));
    }

    [Fact]
    public async Task Many_wait_while_the_database_is_slow_and_are_stored_in_few_transactions()
    {
        await using var parts = await StartAsync();
        var partner = await parts.Intake.NewPartnerAsync();
        var before = parts.Intake.Database;
        Task<SubmitRequestResponse>[] waiting;
        await using (var blocker = await before.Source.OpenConnectionAsync(Ended))
        {
            await using var transaction = await blocker.BeginTransactionAsync(Ended);
            await using (var block = new NpgsqlCommand("LOCK TABLE requests IN SHARE MODE", blocker, transaction))
            {
                await block.ExecuteNonQueryAsync(Ended);
            }

            waiting = [.. Enumerable.Range(0, 256).Select(i => partner.SubmitAsync(Filings.Delist($"text {i}")).ResponseAsync)];
            await Eventually.BecomesTrueAsync(async () => await before.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'requests'::regclass") == 1);
            Assert.DoesNotContain(waiting, static task => task.IsCompleted);
            await transaction.CommitAsync(Ended);
        }

        await Task.WhenAll(waiting);
        // xmin is the transaction that made the row.
        Assert.InRange(await before.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM requests"), 2, 64);
        Assert.Equal(256, await CountAsync(parts, "requests"));
    }

    [Fact]
    public async Task More_than_may_wait_is_refused_with_a_time_to_come_back()
    {
        await using var parts = await StartAsync(("Intake:MaxWaiting", "3"));
        var partner = await parts.Intake.NewPartnerAsync();
        await using var blocker = await parts.Intake.Database.Source.OpenConnectionAsync(Ended);
        await using var transaction = await blocker.BeginTransactionAsync(Ended);
        await using (var block = new NpgsqlCommand("LOCK TABLE requests IN SHARE MODE", blocker, transaction))
        {
            await block.ExecuteNonQueryAsync(Ended);
        }

        // At most a group of three is under way and three wait: of twelve, six at least cannot be taken.
        var calls = Enumerable.Range(0, 12).Select(_ => OutcomeAsync(partner, Filings.Delist())).ToList();
        await Eventually.BecomesTrueAsync(() => calls.Count(static call => call.IsCompleted) >= 6);
        Assert.All(calls.Where(static call => call.IsCompleted), static call => Assert.Equal(StatusCode.Unavailable, call.Result));
        await transaction.RollbackAsync(Ended);

        var outcomes = await Task.WhenAll(calls);
        Assert.Equal(outcomes.Count(static outcome => outcome == StatusCode.OK), await CountAsync(parts, "requests"));
        Assert.All(outcomes, static outcome => Assert.True(outcome is StatusCode.OK or StatusCode.Unavailable));
    }

    [Fact]
    public async Task A_server_that_stops_answers_what_it_has_taken()
    {
        var parts = await StartAsync();
        var partner = await parts.Intake.NewPartnerAsync();
        var calls = Enumerable.Range(0, 300).Select(i => OutcomeAsync(partner, Filings.Delist($"text {i}"))).ToList();
        await Eventually.BecomesTrueAsync(() => calls.Exists(static call => call.IsCompleted));

        await parts.Intake.StopAsync();

        var outcomes = await Task.WhenAll(calls);
        Assert.Equal(outcomes.Count(static outcome => outcome == StatusCode.OK), await CountAsync(parts, "requests"));
        await parts.DisposeAsync();
    }

    private static async Task<StatusCode> OutcomeAsync(TestPartner partner, SubmitRequestRequest message)
    {
        try
        {
            await partner.SubmitAsync(message);
            return StatusCode.OK;
        }
        catch (RpcException refusal)
        {
            return refusal.StatusCode;
        }
    }

    private static Task<long> CountAsync(Parts parts, string table) => parts.Intake.Database.ScalarAsync<long>($"SELECT count(*) FROM {table}");

    private static async Task<Parts> StartAsync(params (string, string)[] settings)
    {
        var own = await IntakeStack.OwnAsync(Nowhere, (await Servers.RedisAsync()).ConnectionString);
        return new Parts(await IntakeServer.StartAsync(own, settings));
    }

    private sealed record Parts(IntakeServer Intake) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Intake.DisposeAsync();
            await Intake.Surroundings.Archive.DisposeAsync();
            await Intake.Database.DisposeAsync();
        }
    }
}
