using System.Security.Cryptography;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Testing;
using State = Poc.Contracts.Intake.V1.RequesterRewrap.Types.State;

namespace Poc.Intake.Tests.Requesters;

/// <summary>Changing the key that seals, to the day when the old one is out of the configuration. Each test has a database of its own: keys are everybody's.</summary>
public sealed class RewrapTests
{
    private const string Why = "Her lawyer asks whether she consents; case 7.";

    private static readonly (string, string) Second = ("RequesterSealing:Keys:second", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
    private static readonly (string, string) SecondSeals = ("RequesterSealing:CurrentKey", "second");
    private static readonly (string, string) Quick = ("RequesterSealing:RewrapInterval", "00:00:00.050");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Custodian => IntakeServer.Staff(Roles.Custodian);

    [Fact]
    public async Task Old_seals_come_under_the_new_key_and_the_old_key_can_go()
    {
        var surroundings = await OwnAsync();
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings);
        var partner = await intake.NewPartnerAsync();
        var people = new Dictionary<string, string>();
        for (var i = 0; i < 230; i++)
        {
            people.Add((await partner.SubmitAsync(Filed($"Person {i}"))).Request.Name, $"Person {i}");
        }

        await using var rotated = await IntakeServer.StartAsync(surroundings, Second, SecondSeals, Quick);
        people.Add((await (partner with { Server = rotated }).SubmitAsync(Filed("Person new"))).Request.Name, "Person new");
        var refusal = await RetireAsync(rotated, "first").RefusedAsync(StatusCode.FailedPrecondition, "SEALING_KEY_IN_USE");
        Assert.Equal("230", refusal.Info().Metadata["seals"]);
        var start = new RewrapRequestersRequest { RequestId = Filings.NewId() };
        var started = (await rotated.Requesters.RewrapRequestersAsync(start, Custodian, cancellationToken: Ended)).Rewrap;
        Assert.Equal((230, "sealingKeys/second", "staff/anna"), (started.TotalCount, started.SealingKey, started.StartedBy));
        Assert.Equal(started, (await rotated.Requesters.RewrapRequestersAsync(start, Custodian, cancellationToken: Ended)).Rewrap);
        var done = await EndAsync(rotated, started.Name);
        Assert.Equal((State.Finished, 230, 0), (done.State, done.DoneCount, done.FailedCount));

        // The replica of the old configuration still seals under the old key; until it is gone so is not the key.
        var late = (await partner.SubmitAsync(Filed("Person late"))).Request.Name;
        await RetireAsync(rotated, "first").RefusedAsync(StatusCode.FailedPrecondition, "SEALING_KEY_IN_USE");
        Assert.Equal(1, (await EndAsync(rotated, (await rotated.Requesters.RewrapRequestersAsync(new() { RequestId = Filings.NewId() }, Custodian, cancellationToken: Ended)).Rewrap.Name)).DoneCount);
        var retired = (await RetireAsync(rotated, "first")).Key;
        Assert.Equal(("staff/anna", 0), (retired.RetiredBy, retired.SealCount));
        Assert.Equal(retired, (await RetireAsync(rotated, "first")).Key);
        await partner.SubmitAsync(Filed("Person too late")).RefusedAsync(StatusCode.FailedPrecondition, "SEALING_KEY_RETIRED");
        await partner.SubmitAsync(Filings.Delist());
        await intake.Requesters.RewrapRequestersAsync(new() { RequestId = Filings.NewId() }, Custodian, cancellationToken: Ended).RefusedAsync(StatusCode.FailedPrecondition, "SEALING_KEY_RETIRED");

        // Without the old key in the configuration everything opens, and a repetition is known as one.
        await using var after = await IntakeServer.StartAsync(surroundings, ("RequesterSealing:Keys:first", Second.Item2), Second, SecondSeals);
        foreach (var (request, name) in people.Append(new(late, "Person late")))
        {
            Assert.Equal(name, (await ReleaseAsync(after, request)).Requester.Name);
        }

        var keys = (await after.Requesters.ListSealingKeysAsync(new(), IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended)).Keys;
        Assert.Equal([("sealingKeys/first", 0, false, true), ("sealingKeys/second", 232, true, false)], keys.Select(static key => (key.Name, key.SealCount, key.Current, key.RetiredAt is not null)));
        var page = await after.Requesters.ListRequesterRewrapsAsync(new() { PageSize = 1 }, IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended);
        Assert.Equal(1, Assert.Single(page.Rewraps).TotalCount);
        page = await after.Requesters.ListRequesterRewrapsAsync(new() { PageSize = 1, PageToken = page.NextPageToken }, IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended);
        Assert.Equal((done, ""), (Assert.Single(page.Rewraps), page.NextPageToken));
    }

    [Fact]
    public async Task A_seal_that_does_not_open_stops_no_other_and_its_key_stays()
    {
        var surroundings = await OwnAsync();
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings, Second, SecondSeals, Quick);
        var partner = await intake.NewPartnerAsync();
        await using (var old = await IntakeServer.StartAsync(surroundings))
        {
            var damaged = (await (partner with { Server = old }).SubmitAsync(Filed("Damaged"))).Request.Name;
            await (partner with { Server = old }).SubmitAsync(Filed("Whole"));
            await database.ExecuteAsync("UPDATE sealed_requesters SET wrapped_key = set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 1) WHERE request = $1", Guid.Parse(damaged.Split('/')[^1]));
        }

        var run = await EndAsync(intake, (await intake.Requesters.RewrapRequestersAsync(new() { RequestId = Filings.NewId() }, IntakeServer.Staff(Roles.Administrator), cancellationToken: Ended)).Rewrap.Name);

        Assert.Equal((State.Finished, 2, 1, 1), (run.State, run.TotalCount, run.DoneCount, run.FailedCount));
        var refusal = await RetireAsync(intake, "first").RefusedAsync(StatusCode.FailedPrecondition, "SEALING_KEY_IN_USE");
        Assert.Equal("1", refusal.Info().Metadata["seals"]);
        await RetireAsync(intake, "second").RefusedAsync(StatusCode.FailedPrecondition, "SEALING_KEY_IN_USE");
        await RetireAsync(intake, "third").RefusedAsync(StatusCode.NotFound, "SEALING_KEY_NOT_FOUND");
        Assert.Equal(["name"], (await intake.Requesters.RetireSealingKeyAsync(new() { RequestId = Filings.NewId(), Name = "first" }, Custodian, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
    }

    [Fact]
    public async Task A_run_waits_for_a_replica_with_its_key_goes_on_after_a_stop_and_gives_way_to_the_next()
    {
        var surroundings = await OwnAsync();
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings, Quick);
        var partner = await intake.NewPartnerAsync();
        for (var i = 0; i < 3; i++)
        {
            await partner.SubmitAsync(Filed($"Person {i}"));
        }

        // Started where seals are not looked for while the test lasts: the other replica does not have the key.
        string first;
        await using (var idle = await IntakeServer.StartAsync(surroundings, Second, SecondSeals, ("RequesterSealing:RewrapInterval", "00:05:00")))
        {
            first = (await StartAsync(idle)).Name;
        }

        var second = await StartAsync(intake);
        Assert.Equal((State.Superseded, 0), ((await FindAsync(intake, first)).State, (await FindAsync(intake, first)).DoneCount));
        Assert.Equal((State.Finished, 0), ((await EndAsync(intake, second.Name)).State, second.TotalCount));
        await using (var idle = await IntakeServer.StartAsync(surroundings, Second, SecondSeals, ("RequesterSealing:RewrapInterval", "00:05:00")))
        {
            first = (await StartAsync(idle)).Name;
            // No seal is under it yet, but they are on their way.
            await RetireAsync(intake, "second").RefusedAsync(StatusCode.FailedPrecondition, "SEALING_KEY_IN_USE");
        }

        await using var other = await IntakeServer.StartAsync(surroundings, Second, SecondSeals, Quick);
        Assert.Equal((State.Finished, 3), ((await EndAsync(other, first)).State, (await FindAsync(other, first)).DoneCount));
    }

    [Fact]
    public async Task Two_replicas_wrap_each_seal_once()
    {
        var surroundings = await OwnAsync();
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings);
        var partner = await intake.NewPartnerAsync();
        await Task.WhenAll(Enumerable.Range(0, 350).Select(async i => await partner.SubmitAsync(Filed($"Person {i}"))));
        await using var one = await IntakeServer.StartAsync(surroundings, Second, SecondSeals, Quick);
        await using var other = await IntakeServer.StartAsync(surroundings, Second, SecondSeals, Quick);

        var starts = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => StartAsync(i % 2 == 0 ? one : other)));
        var runs = new List<RequesterRewrap>();
        foreach (var start in starts)
        {
            runs.Add(await EndAsync(one, start.Name));
        }

        Assert.Equal((350, 0), (runs.Sum(static run => run.DoneCount), runs.Sum(static run => run.FailedCount)));
        Assert.Equal(350, await database.ScalarAsync<long>("SELECT count(*) FROM sealed_requesters WHERE key_id = 'second'"));
        Assert.Contains(runs, static run => run.State == State.Finished);
    }

    [Fact]
    public async Task A_key_is_not_retired_while_a_seal_is_being_made_with_it()
    {
        var surroundings = await OwnAsync();
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var old = await IntakeServer.StartAsync(surroundings);
        await using var rotated = await IntakeServer.StartAsync(surroundings, Second, SecondSeals);
        var request = Guid.Parse((await (await old.NewPartnerAsync()).SubmitAsync(Filings.Delist())).Request.Name.Split('/')[^1]);
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(Ended);
        await using var sealing = await connection.BeginTransactionAsync(Ended);
        // First of all its kind, so that the key is not on record either until this is committed.
        await new NpgsqlCommand($"INSERT INTO sealed_requesters VALUES ('{request}', 'first', '\\x00', '\\x00')", connection, sealing).ExecuteNonQueryAsync(Ended);
        await RetireAsync(rotated, "first").RefusedAsync(StatusCode.NotFound, "SEALING_KEY_NOT_FOUND");
        await sealing.CommitAsync(Ended);
        await using var another = await connection.BeginTransactionAsync(Ended);
        await new NpgsqlCommand("DELETE FROM sealed_requesters", connection, another).ExecuteNonQueryAsync(Ended);
        await new NpgsqlCommand($"INSERT INTO sealed_requesters VALUES ('{request}', 'first', '\\x00', '\\x00')", connection, another).ExecuteNonQueryAsync(Ended);

        var retiring = RetireAsync(rotated, "first");
        await Eventually.BecomesTrueAsync(async () => await database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FROM sealing_keys%FOR UPDATE%'") == 1);
        await another.CommitAsync(Ended);

        await retiring.RefusedAsync(StatusCode.FailedPrecondition, "SEALING_KEY_IN_USE");
    }

    private static async Task<Surroundings> OwnAsync() => await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString);

    private static async Task<RequesterRewrap> StartAsync(IntakeServer replica) =>
        (await replica.Requesters.RewrapRequestersAsync(new() { RequestId = Filings.NewId() }, Custodian, cancellationToken: Ended)).Rewrap;

    private static async Task<RequesterRewrap> FindAsync(IntakeServer replica, string name) =>
        (await replica.Requesters.ListRequesterRewrapsAsync(new(), Custodian, cancellationToken: Ended)).Rewraps.Single(rewrap => rewrap.Name == name);

    private static async Task<RequesterRewrap> EndAsync(IntakeServer replica, string name)
    {
        var run = new RequesterRewrap();
        await Eventually.BecomesTrueAsync(async () => (run = await FindAsync(replica, name)).State != State.Running, TimeSpan.FromSeconds(60));
        return run;
    }

    private static AsyncUnaryCall<RetireSealingKeyResponse> RetireAsync(IntakeServer replica, string key) =>
        replica.Requesters.RetireSealingKeyAsync(new() { RequestId = Filings.NewId(), Name = $"sealingKeys/{key}" }, Custodian, cancellationToken: Ended);

    private static async Task<ReleaseRequesterIdentityResponse> ReleaseAsync(IntakeServer replica, string request) =>
        await replica.Requesters.ReleaseRequesterIdentityAsync(new() { RequestId = Filings.NewId(), Request = request, Motivation = Why }, Custodian, cancellationToken: Ended);

    private static SubmitRequestRequest Filed(string name)
    {
        var message = Filings.Delist($"Text of {Filings.NewId()}. (synthetic)");
        message.Requester = new Requester { Name = name, Contact = "+000" };
        return message;
    }
}
