using System.Collections.Concurrent;
using Google.Rpc;
using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.LocalHost.Servers;
using Poc.Testing;

namespace Poc.Intake.Tests;

/// <summary>Servers are killed while submissions come in. Each test has servers of its own to kill.</summary>
public sealed class OutageTests
{
    private const int Callers = 16;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killing_Redis_and_RabbitMQ_during_submissions_loses_nothing_and_tells_each_once()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Servers.NewOptions("rabbitmq"), Ended);
        await using var redis = await RedisServer.StartAsync(Servers.NewOptions("redis"), Ended);
        var own = await IntakeStack.OwnAsync(rabbit.ConnectionString, redis.ConnectionString);
        await using var archive = own.Archive;
        await using var others = await OtherService.StartAsync(rabbit.ConnectionString);
        await using var intake = await IntakeServer.StartAsync(own, ("Intake:QuotaPerSecond", "1000000"), ("Intake:QuotaBurst", "1000000"));
        var partner = await intake.NewPartnerAsync();
        var ledger = new Ledger(partner);
        await Eventually.BecomesTrueAsync(async () => await intake.HealthOfAsync("redis") == "Healthy");
        await Eventually.BecomesTrueAsync(async () => await intake.HealthOfAsync("bus") == "Healthy");

        ledger.Start();
        await ledger.ReachesAsync(500);
        await redis.KillAsync();
        await rabbit.KillAsync();
        await Eventually.BecomesTrueAsync(async () => await intake.HealthOfAsync("redis") == "Unhealthy");
        await Eventually.BecomesTrueAsync(async () => await intake.HealthOfAsync("bus") == "Unhealthy");
        await ledger.ReachesAsync(ledger.Acknowledged.Count + 500);
        await redis.StartAgainAsync(Ended);
        await rabbit.StartAgainAsync(Ended);
        await ledger.ReachesAsync(Math.Max(2_000, ledger.Acknowledged.Count + 500));
        await ledger.FinishAsync();

        // Neither server is on the way of a submission: not one was refused.
        Assert.Empty(ledger.Refused);
        await Eventually.BecomesTrueAsync(async () => await intake.HealthOfAsync("redis") == "Healthy", TimeSpan.FromSeconds(180));
        await Eventually.BecomesTrueAsync(async () => await intake.HealthOfAsync("bus") == "Healthy", TimeSpan.FromSeconds(180));
        await ledger.MatchesAsync(intake);
        await Eventually.BecomesTrueAsync(async () => await intake.Database.ScalarAsync<long>("SELECT count(*) FROM outbox") == 0, TimeSpan.FromSeconds(180));
        await Eventually.BecomesTrueAsync(() => Heard(others).Select(static heard => heard.EventId).Distinct().Count() >= ledger.Acknowledged.Count, TimeSpan.FromSeconds(180));
        // At least once on the way, once by event id: one event for each request, none for anything else.
        Assert.Equal(ledger.Acknowledged.Values.Order(StringComparer.Ordinal), Heard(others).DistinctBy(static heard => heard.EventId).Select(static heard => heard.Aggregate).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Killing_PostgreSQL_is_told_as_unavailable_and_no_acknowledged_request_is_lost()
    {
        await using var postgres = await PostgresServer.StartAsync(Servers.NewOptions("postgres"), Ended);
        await postgres.EnsureDatabaseAsync("intakedb", Ended);
        await using var database = await TestDatabase.AtAsync(postgres.ConnectionStringOf("intakedb"), "intakedb");
        await using var archive = await Archive.StartAsync();
        await using var intake = await IntakeServer.StartAsync(new Surroundings(database, "amqp://nobody:nothing@127.0.0.1:1", (await Servers.RedisAsync()).ConnectionString, archive));
        var partner = await intake.NewPartnerAsync();
        var ledger = new Ledger(partner);

        ledger.Start();
        await ledger.ReachesAsync(300);
        await postgres.KillAsync();
        await Eventually.BecomesTrueAsync(() => !ledger.Refused.IsEmpty);
        await Eventually.BecomesTrueAsync(async () => await intake.HealthOfAsync("postgres") == "Unhealthy");
        await postgres.StartAgainAsync(Ended);
        await ledger.ReachesAsync(ledger.Acknowledged.Count + 300);
        await ledger.FinishAsync();

        Assert.All(ledger.Refused, static refusal =>
        {
            Assert.Equal((StatusCode.Unavailable, "DATABASE_UNAVAILABLE"), (refusal.StatusCode, refusal.Info().Reason));
            Assert.NotNull(refusal.GetRpcStatus()!.GetDetail<RetryInfo>());
        });
        await ledger.MatchesAsync(intake);
    }

    [Fact]
    public async Task Starts_and_takes_submissions_without_Redis_and_RabbitMQ()
    {
        await using var database = await TestDatabase.CreateAsync("intakedb");
        await using var archive = await Archive.StartAsync();
        await using var intake = await IntakeServer.StartAsync(new Surroundings(database, "amqp://nobody:nothing@127.0.0.1:1", "127.0.0.1:1", archive), ("Intake:QuotaBurst", "5"), ("Intake:QuotaPerSecond", "0.5"));
        var partner = await intake.NewPartnerAsync();

        for (var i = 0; i < 5; i++)
        {
            await partner.SubmitAsync(Filings.Delist());
        }

        // Without Redis this replica counts by itself.
        await partner.SubmitAsync(Filings.Delist()).RefusedAsync(StatusCode.ResourceExhausted, "QUOTA_EXCEEDED");
        Assert.Equal(5, await database.ScalarAsync<long>("SELECT count(*) FROM outbox"));
        Assert.Equal(("Unhealthy", "Unhealthy", "Healthy"), (await intake.HealthOfAsync("redis"), await intake.HealthOfAsync("bus"), await intake.HealthOfAsync("postgres")));
    }

    private static IEnumerable<RequestReceived> Heard(OtherService others) => others.Heard.OfType<RequestReceived>();

    /// <summary>What the partner's side knows: each filing is sent until it is acknowledged, with the same request id.</summary>
    private sealed class Ledger(TestPartner partner)
    {
        private volatile bool _finished;
        private volatile Exception? _failure;
        private Task _callers = Task.CompletedTask;

        /// <summary>Request id and the name that was given for it.</summary>
        public ConcurrentDictionary<string, string> Acknowledged { get; } = new(StringComparer.Ordinal);

        public ConcurrentQueue<RpcException> Refused { get; } = [];

        /// <summary>Files with all callers until <see cref="FinishAsync"/>; each ends with an acknowledged filing.</summary>
        public void Start() => _callers = Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            try
            {
                while (!_finished)
                {
                    await FileAsync();
                }
            }
            catch (Exception problem)
            {
                _failure = problem;
                throw;
            }
        }));

        public Task FinishAsync()
        {
            _finished = true;
            return _callers;
        }

        /// <summary>Waits until so many are acknowledged; a caller that met anything but "unavailable" fails the test at once, not after the wait.</summary>
        public async Task ReachesAsync(int count)
        {
            await Eventually.BecomesTrueAsync(() => _failure is not null || Acknowledged.Count >= count, TimeSpan.FromSeconds(120));
            Assert.Null(_failure);
        }

        /// <summary>Every acknowledged request is stored under the name that was given, with one first state, and nothing else is.</summary>
        public async Task MatchesAsync(IntakeServer intake)
        {
            var stored = await intake.Database.Database.ReadAsync(
                tx => tx.QueryAsync(
                    "SELECT request_id, id, (SELECT count(*) FROM request_states WHERE request = id AND sequence = 1) FROM requests WHERE partner_id = $1",
                    static row => (RequestId: row.GetGuid(0).ToString(), Id: row.GetGuid(1), FirstStates: row.GetInt64(2)), partner.Name["partners/".Length..]),
                Ended);
            Assert.All(stored, static row => Assert.Equal(1, row.FirstStates));
            Assert.Equal(
                Acknowledged.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => (pair.Key, pair.Value)),
                stored.OrderBy(static row => row.RequestId, StringComparer.Ordinal).Select(row => (row.RequestId, $"{partner.Name}/requests/{row.Id}")));
        }

        private async Task FileAsync()
        {
            var message = Filings.Delist();
            while (true)
            {
                try
                {
                    Acknowledged[message.RequestId] = (await partner.SubmitAsync(message)).Request.Name;
                    return;
                }
                catch (RpcException refusal) when (refusal.StatusCode == StatusCode.Unavailable)
                {
                    Refused.Enqueue(refusal);
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ended);
                }
            }
        }
    }
}
