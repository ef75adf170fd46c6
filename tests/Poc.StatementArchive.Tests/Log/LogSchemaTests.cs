using System.Security.Cryptography;
using Npgsql;
using Poc.Contracts.StatementArchive.V1;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Log;

/// <summary>What the database refuses even to a signer that is wrong.</summary>
public sealed class LogSchemaTests(LogSchemaTests.GrownLog log) : IClassFixture<LogSchemaTests.GrownLog>
{
    [Fact]
    public async Task No_second_tree_grows_from_a_tree_that_has_a_successor()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => log.Database.ExecuteAsync(
            "INSERT INTO log_tree_heads (size, root_hash, previous_size, fence) VALUES (2, log_root(2), 0, 99)"));
        Assert.Contains(refused.ConstraintName, new[] { "uq_log_tree_heads_previous_size", "pk_log_tree_heads" });
    }

    [Fact]
    public async Task No_tree_head_has_a_root_other_than_that_of_the_entries()
        => Assert.Equal("ck_log_tree_heads_root_hash", await RefusalAsync(
            "INSERT INTO log_tree_heads (size, root_hash, previous_size, fence) VALUES (2, sha256('forged'), 1, 99)"));

    [Theory]
    [InlineData("INSERT INTO log_tree_heads (size, root_hash, previous_size, fence) VALUES (0, log_root(0), 3, 99)")]
    [InlineData("INSERT INTO log_tree_heads (size, root_hash, previous_size, fence) VALUES (2, log_root(2), NULL, 99)")]
    public async Task No_tree_shrinks_or_begins_anew(string sql) => Assert.Equal("ck_log_tree_heads_growth", await RefusalAsync(sql));

    [Theory]
    [InlineData("INSERT INTO log_nodes (level, index, hash) VALUES (0, 1000, sha256('forged'))")]
    [InlineData("INSERT INTO log_nodes (level, index, hash) SELECT 2, 0, sha256('forged')")]
    public async Task No_node_is_stored_that_is_not_the_hash_of_what_is_below_it(string sql) => Assert.Equal("ck_log_nodes_hash", await RefusalAsync(sql));

    [Fact]
    public async Task No_note_is_stored_over_another_tree()
        => Assert.Equal("ck_log_checkpoints_note", await RefusalAsync(
            "INSERT INTO log_checkpoints (size, note) "
            + "VALUES (1, E'poc.example/log\\n1\\n' || encode(sha256('forged'), 'base64') || E'\\n\\n— poc.example/log AAAA\\n')"));

    [Fact]
    public async Task An_index_cannot_be_chosen_or_left_out()
    {
        var size = await log.Database.ScalarAsync<long>("SELECT size FROM log_head");
        var index = await log.Database.ScalarAsync<long>(
            "INSERT INTO log_entries (index, entry_id, object_id, kind, body) "
            + "VALUES (77, gen_random_uuid(), gen_random_uuid(), 'annotation', '{}') RETURNING index");
        Assert.Equal(size, index);
        var tooLarge = await Assert.ThrowsAsync<PostgresException>(() => log.Database.ExecuteAsync(
            "INSERT INTO log_entries (index, entry_id, object_id, kind, body) VALUES (0, gen_random_uuid(), gen_random_uuid(), 'annotation', $1)",
            RandomNumberGenerator.GetBytes(65_537)));
        Assert.Equal("ck_log_entries_body", tooLarge.ConstraintName);
        Assert.Equal(size + 1, await log.Database.ScalarAsync<long>("SELECT size FROM log_head"));
    }

    private async Task<string?> RefusalAsync(string sql) => (await Assert.ThrowsAsync<PostgresException>(() => log.Database.ExecuteAsync(sql))).ConstraintName;

    /// <summary>A log of three entries, signed after each, whose service has ended.</summary>
    public sealed class GrownLog : IAsyncLifetime
    {
        private TestDatabase? _database;

        public TestDatabase Database => _database!;

        public async ValueTask InitializeAsync()
        {
            _database = await TestDatabase.CreateAsync("archivedb");
            await using var service = await ArchiveService.StartAsync(_database.ConnectionString);
            for (var i = 0; i < 3; i++)
            {
                var stored = await service.Client.RecordAsync("subjects/grown", $"s-{i}");
                await service.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex });
            }
        }

        public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
