using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Poc.Postgres;
using Poc.Testing;

namespace Poc.Grpc.Tests.Writes;

public sealed class IdempotentWritesTests : IAsyncLifetime
{
    private static readonly Caller PartnerA = new("partners/a", new HashSet<string> { Roles.Partner });
    private static readonly Caller PartnerB = new("partners/b", new HashSet<string> { Roles.Partner });

    private readonly string _id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
    private NpgsqlDataSource _source = null!;
    private IdempotentWrites _writes = null!;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var connection = await Servers.NewDatabaseAsync("writes");
        await Migrations.ApplyAsync(connection, [new MigrationScript("9000_effects.sql", "CREATE TABLE effects (text text NOT NULL)")], NullLogger.Instance, Ended);
        _source = NpgsqlDataSource.Create(connection);
        _writes = new IdempotentWrites(new Database(_source, TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_repetition_gets_the_first_answer_and_has_no_effect()
    {
        var first = await WriteAsync(PartnerA, "filing", answer: "receipt 1");
        var second = await WriteAsync(PartnerA, "filing", answer: "receipt 2");

        Assert.Equal(("receipt 1", "receipt 1"), (first.Text, second.Text));
        Assert.Equal(1, await EffectsAsync());
    }

    [Fact]
    public async Task Thirty_two_twins_at_once_have_one_effect_and_one_answer()
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var twins = Enumerable.Range(0, 32).Select(async i =>
        {
            await start.Task;
            return await WriteAsync(PartnerA, "filing", answer: $"receipt {i}");
        }).ToList();

        start.SetResult();
        var answers = await Task.WhenAll(twins);

        Assert.Single(answers.Select(static answer => answer.Text).Distinct());
        Assert.Equal(1, await EffectsAsync());
    }

    [Fact]
    public async Task A_twin_waits_for_one_that_fails_and_then_writes_itself()
    {
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var fail = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _writes.OnceAsync<ProbeRequest, ProbeResponse>(PartnerA, _id, new ProbeRequest { Text = "filing" }, async tx =>
        {
            await tx.ExecuteAsync("INSERT INTO effects VALUES ('never')");
            inside.SetResult();
            await fail.Task;
            throw CommonErrors.EtagMismatch("x");
        }, Ended);
        await inside.Task;
        var second = WriteAsync(PartnerA, "filing", answer: "receipt 2");
        await Eventually.BecomesTrueAsync(async () => await CountAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 1);

        fail.SetResult();

        await Assert.ThrowsAsync<RpcError>(() => first);
        Assert.Equal("receipt 2", (await second).Text);
        Assert.Equal(1, await EffectsAsync());
    }

    [Fact]
    public async Task Another_body_under_the_same_id_is_refused()
    {
        await WriteAsync(PartnerA, "filing", answer: "receipt");

        var error = await Assert.ThrowsAsync<RpcError>(() => WriteAsync(PartnerA, "another filing", answer: "receipt"));

        Assert.Equal((StatusCode.AlreadyExists, "REQUEST_ID_REUSED", _id), (error.Code, error.Reason, error.Metadata["request_id"]));
        Assert.Equal(1, await EffectsAsync());
    }

    [Fact]
    public async Task Another_method_with_the_same_bytes_is_another_request()
    {
        await WriteAsync(PartnerA, "filing", answer: "receipt");

        await Assert.ThrowsAsync<RpcError>(() => _writes.OnceAsync<ProbeResponse, ProbeResponse>(PartnerA, _id, new ProbeResponse { Text = "filing" }, static _ => Task.FromResult(new ProbeResponse()), Ended));
    }

    [Fact]
    public async Task Two_callers_may_use_the_same_id()
    {
        Assert.Equal("for a", (await WriteAsync(PartnerA, "filing of a", answer: "for a")).Text);
        Assert.Equal("for b", (await WriteAsync(PartnerB, "filing of b", answer: "for b")).Text);
        Assert.Equal(2, await EffectsAsync());
    }

    [Fact]
    public async Task The_case_of_an_id_does_not_make_it_another()
    {
        await WriteAsync(PartnerA, "filing", answer: "first", id: _id.ToUpperInvariant());

        Assert.Equal("first", (await WriteAsync(PartnerA, "filing", answer: "second")).Text);
    }

    [Fact]
    public async Task An_empty_answer_is_an_answer()
    {
        await WriteAsync(PartnerA, "filing", answer: "");

        Assert.Equal("", (await WriteAsync(PartnerA, "filing", answer: "second")).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public async Task An_id_that_is_no_uuid_is_refused(string id)
    {
        var error = await Assert.ThrowsAsync<RpcError>(() => WriteAsync(PartnerA, "filing", answer: "receipt", id));

        Assert.Equal("request_id", error.FieldViolations.Single().Field);
    }

    private Task<ProbeResponse> WriteAsync(Caller caller, string text, string answer, string? id = null) =>
        _writes.OnceAsync(caller, id ?? _id, new ProbeRequest { Text = text }, async tx =>
        {
            await tx.ExecuteAsync("INSERT INTO effects VALUES ($1)", text);
            return new ProbeResponse { Text = answer };
        }, Ended);

    private Task<long> EffectsAsync() => CountAsync("SELECT count(*) FROM effects");

    private async Task<long> CountAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Ended))!;
    }
}
