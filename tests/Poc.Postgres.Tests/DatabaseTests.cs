using Npgsql;
using Poc.Testing;

namespace Poc.Postgres.Tests;

public sealed class DatabaseTests : IAsyncLifetime
{
    private TestDatabase _test = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Database Database => _test.Database;

    public async ValueTask InitializeAsync()
    {
        _test = await TestDatabase.CreateAsync();
        await _test.ExecuteAsync("CREATE TABLE effects (n int CONSTRAINT uq_effects_n UNIQUE)");
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Commits_what_the_work_did()
    {
        Assert.Equal("done", await Database.InTransactionAsync(async tx => { await AddAsync(tx, 1); return "done"; }, Cancellation));
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Rolls_back_when_the_work_throws_and_does_not_try_again()
    {
        var attempts = 0;
        await Assert.ThrowsAsync<InvalidDataException>(() => Database.InTransactionAsync(async tx =>
        {
            attempts++;
            await AddAsync(tx, 1);
            throw new InvalidDataException();
        }, Cancellation));
        Assert.Equal((1, 0), (attempts, await CountAsync()));
    }

    [Theory]
    [InlineData("57P01")]
    [InlineData("57P03")]
    [InlineData("25006")]
    [InlineData("08006")]
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("53300")]
    public async Task Runs_the_whole_unit_again_after_a_transient_error(string state)
    {
        var attempts = 0;
        await Database.InTransactionAsync(async tx =>
        {
            attempts++;
            await AddAsync(tx, 1);
            if (attempts == 1)
            {
                await RaiseAsync(tx, state);
            }
        }, Cancellation);
        Assert.Equal((2, 1), (attempts, await CountAsync()));
    }

    [Fact]
    public async Task Gives_up_after_five_attempts_and_leaves_nothing_behind()
    {
        var attempts = 0;
        var problem = await Assert.ThrowsAsync<PostgresException>(() => Database.InTransactionAsync(async tx =>
        {
            attempts++;
            await AddAsync(tx, attempts);
            await RaiseAsync(tx, "40001");
        }, Cancellation));
        Assert.Equal(("40001", Database.MaxAttempts, 0), (problem.SqlState, attempts, await CountAsync()));
    }

    [Fact]
    public async Task Does_not_try_again_after_a_violated_constraint()
    {
        var attempts = 0;
        var problem = await Assert.ThrowsAsync<PostgresException>(() => Database.InTransactionAsync(async tx =>
        {
            attempts++;
            await AddAsync(tx, 1);
            await AddAsync(tx, 1);
        }, Cancellation));
        Assert.Equal(("uq_effects_n", 1, 0), (problem.ConstraintName, attempts, await CountAsync()));
    }

    [Fact]
    public async Task Outlives_the_end_of_its_connection()
    {
        var attempts = 0;
        await Database.InTransactionAsync(async tx =>
        {
            await AddAsync(tx, 1);
            if (++attempts == 1)
            {
                await _test.ScalarAsync<bool>("SELECT pg_terminate_backend($1)", tx.Connection.ProcessID);
            }

            await AddAsync(tx, 2);
        }, Cancellation);
        Assert.Equal((2, 2), (attempts, await CountAsync()));
    }

    [Fact]
    public async Task Says_that_an_outcome_is_unknown_when_the_connection_ends_during_commit_and_does_not_try_again()
    {
        // A deferred trigger runs inside COMMIT: there it ends its own backend.
        await _test.ExecuteAsync("""
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER die AFTER INSERT ON effects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
            """);
        var attempts = 0;
        var problem = await Assert.ThrowsAsync<CommitOutcomeUnknownException>(() => Database.InTransactionAsync(async tx =>
        {
            attempts++;
            await AddAsync(tx, 1);
        }, Cancellation));
        Assert.Equal(1, attempts);
        Assert.True(Transience.IsTransient(problem));
        Assert.False(Transience.MayRetryAtOnce(problem));
    }

    [Fact]
    public async Task A_statement_that_may_be_done_twice_is_done_again_when_its_commit_was_lost()
    {
        // The first attempt ends its own backend while it commits, the second finds the row.
        await _test.ExecuteAsync("""
            CREATE TABLE deaths (n integer);
            CREATE FUNCTION die_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF pg_backend_pid() = (SELECT n FROM deaths) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER die_once AFTER INSERT ON effects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die_once();
            """);
        var attempts = 0;
        await Database.RepeatAsync(async tx =>
        {
            if (++attempts == 1)
            {
                await _test.ScalarAsync<int>("INSERT INTO deaths VALUES ($1) RETURNING n", tx.Connection.ProcessID);
            }

            return await tx.ExecuteAsync("INSERT INTO effects VALUES (1) ON CONFLICT DO NOTHING");
        }, Cancellation);
        Assert.Equal((2, 1), (attempts, await CountAsync()));
    }

    [Fact]
    public async Task Reports_a_constraint_that_is_checked_at_commit_as_what_it_is()
    {
        await _test.ExecuteAsync("ALTER TABLE effects DROP CONSTRAINT uq_effects_n, ADD CONSTRAINT uq_effects_n UNIQUE (n) DEFERRABLE INITIALLY DEFERRED");
        var problem = await Assert.ThrowsAsync<PostgresException>(() => Database.InTransactionAsync(async tx =>
        {
            await AddAsync(tx, 1);
            await AddAsync(tx, 1);
        }, Cancellation));
        Assert.Equal("uq_effects_n", problem.ConstraintName);
    }

    [Fact]
    public async Task Reads_the_database_as_of_one_moment()
    {
        var (before, after) = await Database.ReadAsync(async tx =>
        {
            var first = await tx.ScalarAsync<long>("SELECT count(*) FROM effects");
            await _test.ExecuteAsync("INSERT INTO effects VALUES (7)");
            return (first, await tx.ScalarAsync<long>("SELECT count(*) FROM effects"));
        }, Cancellation);
        Assert.Equal((0, 0, 1), (before, after, await CountAsync()));
    }

    [Fact]
    public async Task Refuses_at_once_to_write_in_a_read()
    {
        var attempts = 0;
        var problem = await Assert.ThrowsAsync<PostgresException>(() => Database.ReadAsync(tx => { attempts++; return AddAsync(tx, 1); }, Cancellation));
        Assert.Equal(("25006", 1), (problem.SqlState, attempts));
    }

    [Fact]
    public async Task Begins_each_transaction_in_the_scope_there_is_and_leaves_none_behind()
    {
        await _test.ExecuteAsync(
            """
            DO $$ BEGIN CREATE ROLE poc_test_reader NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
            GRANT SELECT, INSERT ON effects TO poc_test_reader;
            ALTER TABLE effects ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON effects TO poc_test_reader USING (n = current_setting('poc.test')::int);
            INSERT INTO effects VALUES (1), (2), (3);
            """);
        var scopes = new Scopes();
        var scoped = new Database(_test.Source, TimeProvider.System, scopes);
        const string Select = "SELECT count(*) FROM effects";

        scopes.Current = new RowScope("poc_test_reader", "poc.test", "2");
        Assert.Equal(1, await scoped.ReadAsync(static tx => tx.ScalarAsync<long>(Select), Cancellation));
        Assert.Equal(1, await scoped.InTransactionAsync(static tx => tx.ScalarAsync<long>(Select), Cancellation));
        Assert.Equal("25006", (await Assert.ThrowsAsync<PostgresException>(() => scoped.ReadAsync(static tx => AddAsync(tx, 2), Cancellation))).SqlState);
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => scoped.InTransactionAsync(static tx => AddAsync(tx, 4), Cancellation))).SqlState);
        await Assert.ThrowsAsync<InvalidOperationException>(() => scoped.RepeatAsync(static tx => tx.ScalarAsync<long>(Select), Cancellation));
        var (narrow, wide) = await scoped.ReadAsync(
            static async tx =>
            {
                var narrow = await tx.ScalarAsync<long>(Select);
                await tx.WidenAsync();
                return (narrow, await tx.ScalarAsync<long>(Select));
            },
            Cancellation);
        Assert.Equal((1, 3), (narrow, wide));

        // The same connections, of the same pool.
        scopes.Current = null;
        Assert.Equal(3, await scoped.ReadAsync(static tx => tx.ScalarAsync<long>(Select), Cancellation));
        Assert.Equal(3, await scoped.RepeatAsync(static tx => tx.ScalarAsync<long>(Select), Cancellation));
    }

    [Fact]
    public async Task Rolls_back_when_the_caller_goes_away()
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Database.InTransactionAsync(async tx =>
        {
            await AddAsync(tx, 1);
            await leaving.CancelAsync();
        }, leaving.Token));
        Assert.Equal(0, await CountAsync());
    }

    private static Task<int> AddAsync(Tx tx, int n) => tx.ExecuteAsync("INSERT INTO effects VALUES ($1)", n);

    private static Task<int> RaiseAsync(Tx tx, string state) => tx.ExecuteAsync($"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$");

    private async Task<int> CountAsync() => (int)await _test.ScalarAsync<long>("SELECT count(*) FROM effects");

    private sealed class Scopes : IRowScopes
    {
        public RowScope? Current { get; set; }
    }
}
