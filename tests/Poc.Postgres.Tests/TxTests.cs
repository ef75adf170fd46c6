using Poc.Testing;

namespace Poc.Postgres.Tests;

public sealed class TxTests : IAsyncLifetime
{
    private TestDatabase _test = null!;

    private enum Kind
    {
        Delist,
    }

    public async ValueTask InitializeAsync() => _test = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Passes_values_of_every_kind_unchanged()
    {
        var id = Guid.CreateVersion7();
        Assert.Equal(id, await _test.ScalarAsync<Guid>("SELECT $1::uuid", id));
        Assert.Equal([1, 2, 255], await _test.ScalarAsync<byte[]>("SELECT $1::bytea", new byte[] { 1, 2, 255 }));
        Assert.Equal(["узник", "a"], await _test.ScalarAsync<string[]>("SELECT $1::text[]", (object)new[] { "узник", "a" }));
        Assert.Equal("Delist", await _test.ScalarAsync<string>("SELECT $1::text", Kind.Delist));
        Assert.Equal("""{"a": 1}""", await _test.ScalarAsync<string>("SELECT $1::text", Tx.Json("""{"a":1}""")));
        Assert.True(await _test.ScalarAsync<bool>("SELECT $1::text IS NULL AND $2::jsonb IS NULL", null, Tx.Json(null)));
    }

    [Fact]
    public async Task Brings_times_to_universal_time()
    {
        var moscow = new DateTimeOffset(2021, 2, 23, 15, 0, 0, TimeSpan.FromHours(3));
        Assert.Equal(new DateTimeOffset(2021, 2, 23, 12, 0, 0, TimeSpan.Zero), await _test.ScalarAsync<DateTimeOffset>("SELECT $1::timestamptz", moscow));
    }

    [Fact]
    public async Task Allows_one_value_in_several_statements()
    {
        var json = Tx.Json("[]");
        Assert.Equal("[]", await _test.ScalarAsync<string>("SELECT $1::text", json));
        Assert.Equal("[]", await _test.ScalarAsync<string>("SELECT $1::text", json));
    }

    [Fact]
    public async Task Gives_rows_in_order()
    {
        var rows = await _test.Database.ReadAsync(tx => tx.QueryAsync("SELECT n FROM generate_series(1, $1) n ORDER BY n DESC", row => row.GetInt32(0), 3), CancellationToken.None);
        Assert.Equal([3, 2, 1], rows);
    }

    [Fact]
    public async Task Gives_the_default_for_no_row_and_refuses_two()
    {
        Assert.Null(await SingleAsync(0));
        Assert.Equal("1", await SingleAsync(1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => SingleAsync(2));

        Task<string?> SingleAsync(int rows) =>
            _test.Database.ReadAsync(tx => tx.QuerySingleOrDefaultAsync("SELECT n::text FROM generate_series(1, $1) n", row => row.GetString(0), rows), CancellationToken.None);
    }

    [Fact]
    public async Task Refuses_a_missing_scalar()
    {
        Assert.Null(await _test.ScalarAsync<string?>("SELECT NULL::text"));
        Assert.Null(await _test.ScalarAsync<int?>("SELECT NULL::int"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _test.ScalarAsync<int>("SELECT NULL::int"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _test.ScalarAsync<int>("SELECT 1 WHERE false"));
    }
}
