using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.StatementArchive.Log;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Log;

public sealed class IntegratorTests
{
    private const string Pending = "CHECKPOINT_PENDING";
    private static readonly TimeSpan _restart = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Killed_again_and_again_under_load_it_loses_no_acknowledged_entry_and_forks_no_checkpoint()
    {
        const int Kills = 5;
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(
            database.ConnectionString, settings: new Dictionary<string, string?> { ["Log:CheckpointIntervalMs"] = "10" });
        var acknowledged = new ConcurrentDictionary<string, Statement>();
        var checkpoints = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(writer => WriteAsync(service, writer, acknowledged, stop.Token)).ToList();
        var watcher = WatchAsync(service, checkpoints, stop.Token);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var goal = acknowledged.Count + 20;
            await Eventually.BecomesTrueAsync(() => acknowledged.Count >= goal);
            await service.KillAsync();
            await service.StartAgainAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll([.. writers, watcher]);

        // Every acknowledged statement is there, where it was said to be, and proven.
        Assert.NotEmpty(acknowledged);
        foreach (var (name, statement) in acknowledged)
        {
            Assert.Equal(statement, (await service.Client.GetStatementAsync(new GetStatementRequest { Name = name }, ArchiveService.Reviewer)).Statement);
            var proof = (await service.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = statement.LogIndex })).Proof;
            Assert.True(ProofVerifier.Inclusion(proof.LeafHash.Span, proof.LogIndex, proof.TreeSize, Path(proof.Path), proof.RootHash.Span));
        }

        // Every checkpoint that anybody saw, and every one that was stored, is one history.
        var key = NoteKey.Parse((await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).VerifierKey);
        var stored = await database.Database.ReadAsync(
            tx => tx.QueryAsync("SELECT note FROM log_checkpoints", row => row.GetString(0)), CancellationToken.None);
        var trees = checkpoints.Concat(stored).Distinct().Select(note => Checkpoint.Open(note, key)).OrderBy(tree => tree.Size).ToList();
        Assert.Equal(trees.Count, trees.DistinctBy(tree => tree.Size).Count());
        foreach (var (older, newer) in trees.Zip(trees.Skip(1)).Where(pair => pair.First.Size > 0))
        {
            var proof = await service.Client.GetConsistencyProofAsync(
                new GetConsistencyProofRequest { FirstTreeSize = older.Size, SecondTreeSize = newer.Size });
            Assert.True(ProofVerifier.Consistency(older.Size, newer.Size, Path(proof.Path), older.RootHash, newer.RootHash), $"{older.Size} to {newer.Size}");
        }

        // Indices have no gaps, although transactions were cut off.
        Assert.Equal(
            await database.ScalarAsync<long>("SELECT size FROM log_head"),
            await database.ScalarAsync<long>("SELECT count(*) FROM log_entries WHERE index BETWEEN 0 AND (SELECT size - 1 FROM log_head)"));
    }

    [Theory]
    [InlineData("UPDATE log_nodes SET hash = sha256('forged') WHERE level = 0 AND index = 2")]
    [InlineData("DELETE FROM log_nodes WHERE level = 1")]
    [InlineData("UPDATE log_tree_heads SET root_hash = sha256('forged') WHERE size = 3")]
    [InlineData("UPDATE log_checkpoints SET note = replace(note, 'poc.example/log', 'poc.example/fog')")]
    public async Task Signs_nothing_over_a_log_that_contradicts_itself_and_says_so(string tampering)
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        for (var i = 0; i < 3; i++)
        {
            var stored = await service.Client.RecordAsync("subjects/torn", $"s-{i}");
            await service.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex });
        }

        await service.KillAsync();
        var signed = await database.ScalarAsync<long>("SELECT count(*) FROM log_checkpoints");
        Assert.NotEqual(0, await SharedArchive.TamperAsync(database.Database, tampering));
        // What a replica appended that did not integrate.
        await database.ExecuteAsync(
            "INSERT INTO log_entries (index, entry_id, object_id, kind, body) VALUES (0, gen_random_uuid(), gen_random_uuid(), 'annotation', '{}')");

        await using var again = ArchiveService.Launch(database.ConnectionString);
        await Eventually.BecomesTrueAsync(() => again.Output.Contains("The log is not signed", StringComparison.Ordinal));
        Assert.Contains("\"log\":\"Unhealthy\"", await HealthAsync(again), StringComparison.Ordinal);
        Assert.Equal(signed, await database.ScalarAsync<long>("SELECT count(*) FROM log_checkpoints"));
    }

    [Theory]
    [InlineData("Log:Origin", "poc.example/other")]
    [InlineData("Log:PrivateKey", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")]
    public async Task Signs_nothing_for_another_log_or_under_another_key(string setting, string value)
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using (var first = await ArchiveService.StartAsync(database.ConnectionString))
        {
            await first.Client.RecordAsync("subjects/first");
        }

        var signed = await database.ScalarAsync<long>("SELECT count(*) FROM log_checkpoints");
        await using var other = ArchiveService.Launch(database.ConnectionString, settings: new Dictionary<string, string?> { [setting] = value });
        await Eventually.BecomesTrueAsync(() => other.Output.Contains("are not those of this log", StringComparison.Ordinal));
        Assert.Contains("\"log\":\"Unhealthy\"", await HealthAsync(other), StringComparison.Ordinal);
        Assert.Equal(signed, await database.ScalarAsync<long>("SELECT count(*) FROM log_checkpoints"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB")]
    public async Task Does_not_start_without_a_key(string key)
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = ArchiveService.Launch(database.ConnectionString, settings: new Dictionary<string, string?> { ["Log:PrivateKey"] = key });
        Assert.NotEqual(0, await service.Exited.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("PrivateKey", service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proof_waits_no_longer_than_it_is_told()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        // Somebody else is the signer, and does not sign.
        await using var other = await database.Source.OpenConnectionAsync();
        await AskAsync(other, "SELECT pg_advisory_lock($1)");

        await using var service = ArchiveService.Launch(
            database.ConnectionString, settings: new Dictionary<string, string?> { ["Log:ProofPatienceMs"] = "200" });
        await Eventually.BecomesTrueAsync(
            async () => (await Some.RefusalAsync(service.Client.GetCheckpointAsync(new GetCheckpointRequest()))).Reason == Pending);
        var stored = await service.Client.RecordAsync("subjects/waiting");
        var proof = service.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex });
        Assert.Equal((StatusCode.Unavailable, Pending), Short(await Some.RefusalAsync(proof)));
        var verdict = service.Client.VerifyCitationsAsync(
            new VerifyCitationsRequest { Citations = { Some.Citation(stored.Name, 0, 1, "A") } }, ArchiveService.Review);
        Assert.Equal((StatusCode.Unavailable, Pending), Short(await Some.RefusalAsync(verdict)));
        using var http = new HttpClient();
        using var page = await http.GetAsync(new Uri(service.WebAddress + "/checkpoint"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);

        await AskAsync(other, "SELECT pg_advisory_unlock($1)");
        await Eventually.BecomesTrueAsync(async () =>
            (await service.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex })).Proof.TreeSize == 1);
    }

    [Fact]
    public async Task A_second_replica_goes_on_when_the_signer_is_gone()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var one = await ArchiveService.StartAsync(database.ConnectionString);
        await using var two = await ArchiveService.StartAsync(database.ConnectionString);
        await one.KillAsync();
        var stored = await two.Client.RecordAsync("subjects/second");
        await Eventually.BecomesTrueAsync(async () =>
            (await two.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex })).Proof.TreeSize > stored.LogIndex);
    }

    [Fact]
    public async Task A_signer_that_lost_its_lock_without_noticing_signs_nothing()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        // As if another holder had come and gone while this one was stopped.
        await database.ExecuteAsync("UPDATE fences SET number = number + 1");
        await Eventually.BecomesTrueAsync(() => service.Output.Contains("Lost lock", StringComparison.Ordinal));
        var stored = await service.Client.RecordAsync("subjects/fenced");
        await Eventually.BecomesTrueAsync(async () =>
            (await service.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex })).Proof.TreeSize > stored.LogIndex);
        Assert.Equal(3, await database.ScalarAsync<long>("SELECT fence FROM log_tree_heads ORDER BY size DESC LIMIT 1"));
    }

    private static async Task AskAsync(NpgsqlConnection connection, string aboutTheLock)
    {
        await using var command = new NpgsqlCommand(aboutTheLock, connection) { Parameters = { new NpgsqlParameter { Value = Integrator.LockKey } } };
        await command.ExecuteScalarAsync();
    }

    private static async Task WriteAsync(ArchiveService service, int writer, ConcurrentDictionary<string, Statement> acknowledged, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            // The same request until it is acknowledged: what was cut off may or may not have happened.
            var statement = await service.Client.RecordPatientlyAsync(Some.Request("subjects/killed", $"w{writer}-{i}"));
            acknowledged[statement.Name] = statement;
        }
    }

    private static async Task WatchAsync(ArchiveService service, ConcurrentQueue<string> checkpoints, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Eventually.BecomesTrueAsync(async () =>
            {
                checkpoints.Enqueue(
                    (await service.Client.GetCheckpointAsync(new GetCheckpointRequest(), cancellationToken: CancellationToken.None)).Checkpoint);
                return true;
            }, _restart);
        }
    }

    private static async Task<string> HealthAsync(ArchiveService service)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(service.WebAddress + "/health"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private static (StatusCode, string) Short((StatusCode Code, string Reason, IReadOnlyList<string>) refusal) => (refusal.Code, refusal.Reason);

    private static IReadOnlyList<byte[]> Path(IEnumerable<Google.Protobuf.ByteString> path) => [.. path.Select(hash => hash.ToByteArray())];
}
