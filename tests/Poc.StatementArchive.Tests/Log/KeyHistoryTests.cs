using System.Text;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Log;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Tests.Witnesses;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Log;

/// <summary>The log's key changes while the log goes on.</summary>
public sealed class KeyHistoryTests : IDisposable
{
    private const string Refused = "The log is not signed";
    private static readonly string[] _seeds = [.. Enumerable.Range(0, 4).Select(i => Convert.ToBase64String([.. Enumerable.Repeat((byte)i, 32)]))];
    private static readonly NoteKey[] _keys = [.. _seeds.Select(seed => new NoteSigner("poc.example/log", Convert.FromBase64String(seed)).PublicKey)];
    private readonly string _folder = Directory.CreateTempSubdirectory("poc-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Checkpoints_before_during_and_after_a_change_verify_by_the_keys_of_their_time_and_stay_witnessed()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var witness = new RunningWitness(_keys[0], _keys[1]);
        witness.Start();
        string before, during, after;
        await using (var service = await StartAsync(database, Keys(0), witness))
        {
            before = await GrowCosignedAsync(database, service, 3);
            Assert.Equal("", (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).NextVerifierKey);
        }

        await using (var service = await StartAsync(database, Keys(0, next: 1), witness))
        {
            // The change is an entry, which commits to both keys.
            var entries = new ListLogEntriesResponse();
            await Eventually.BecomesTrueAsync(async () =>
            {
                entries = await service.Client.ListLogEntriesAsync(new ListLogEntriesRequest { Start = 3 }, ArchiveService.Auditor);
                return entries.Entries.Count == 1;
            });
            var change = LogEntry.Parse(entries.Entries[0].Memory);
            Assert.Equal(LogEntry.Kinds.KeyChange, change.Kind);
            Assert.Equal(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes($"{_keys[0]}\n{_keys[1]}\n")), change.Sha256);
            during = await GrowCosignedAsync(database, service, 6);
            var answer = await service.Client.GetCheckpointAsync(new GetCheckpointRequest());
            Assert.Equal((_keys[0].ToString(), _keys[1].ToString()), (answer.VerifierKey, answer.NextVerifierKey));
        }

        await using var last = await StartAsync(database, Keys(1, former: [0]), witness);
        after = await GrowCosignedAsync(database, last, 300);

        Assert.Equal((3, 6, 300), (Checkpoint.Open(before, _keys[0]).Size, Checkpoint.Open(during, _keys[0]).Size, Checkpoint.Open(after, _keys[1]).Size));
        Assert.Equal([_keys[0], _keys[1]], SignedNote.Open(during, _keys[0], _keys[1]).Signers);
        Assert.Equal(6, Checkpoint.Open(during, _keys[1]).Size);
        Assert.Equal(NoteProblem.NotSigned, Assert.Throws<NoteException>(() => Checkpoint.Open(before, _keys[1])).Problem);
        Assert.Equal(NoteProblem.NotSigned, Assert.Throws<NoteException>(() => Checkpoint.Open(after, _keys[0])).Problem);

        // It is one log: proofs lead from the old key's trees to the new one's, and for the old ones there still are proofs.
        var consistency = await last.Client.GetConsistencyProofAsync(new GetConsistencyProofRequest { FirstTreeSize = 3, SecondTreeSize = 300 });
        Assert.True(ProofVerifier.Consistency(3, 300, [.. consistency.Path.Select(hash => hash.ToByteArray())], Checkpoint.Open(before, _keys[0]).RootHash, Checkpoint.Open(after, _keys[1]).RootHash));
        Assert.StartsWith((await last.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = 1, TreeSize = 3 })).Proof.Checkpoint, before, StringComparison.Ordinal);

        // Who verifies the whole log needs both keys for what was signed under both.
        string[] kept = ["--checkpoint", await FileAsync("before", before), "--checkpoint", await FileAsync("during", during), "--token", await FileAsync("token", Token())];
        var both = await ServeTileTests.VerifyAsync(["log", last.WebAddress, "--key", _keys[0].ToString(), "--key", _keys[1].ToString(), .. kept]);
        Assert.True(both.ExitCode == 0, both.Output);
        var one = await ServeTileTests.VerifyAsync(["log", last.WebAddress, "--key", _keys[1].ToString(), .. kept]);
        Assert.Equal(1, one.ExitCode);
        Assert.Contains("not_signed", one.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("does not know the log", last.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signs_nothing_under_keys_that_the_log_has_not_declared()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using (var service = await StartAsync(database, Keys(0)))
        {
            await ServeTileTests.GrowAsync(database, service, 2);
        }

        await RefusesAsync(database, Keys(1));
        await RefusesAsync(database, Keys(1, former: [0]));
        await RefusesAsync(database, Keys(1, next: 2, former: [0]));
        await using (var service = await StartAsync(database, Keys(0, next: 1)))
        {
            await DeclaredAsync(database, 1);
            await ServeTileTests.GrowAsync(database, service, 5);
        }

        await RefusesAsync(database, Keys(0));
        await RefusesAsync(database, Keys(0, next: 2));
        await RefusesAsync(database, Keys(1));
        await RefusesAsync(database, Keys(1, next: 0));
        await RefusesAsync(database, Keys(2, former: [0, 1]));
        await using (var service = await StartAsync(database, Keys(1, next: 2, former: [0])))
        {
            await DeclaredAsync(database, 2);
            await ServeTileTests.GrowAsync(database, service, 8);
        }

        await using var last = await StartAsync(database, Keys(2, former: [1, 0]));
        Assert.Equal(9, Checkpoint.Open(await ServeTileTests.GrowAsync(database, last, 9), _keys[2]).Size);
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM log_entries WHERE kind = 'key_change'"));
    }

    [Fact]
    public async Task Killed_between_the_entry_and_the_first_double_signature_it_goes_on_with_both_keys_alone()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using (var service = await StartAsync(database, Keys(0)))
        {
            await ServeTileTests.GrowAsync(database, service, 2);
        }

        await using (var blocker = await database.Source.OpenConnectionAsync())
        {
            await using var transaction = await blocker.BeginTransactionAsync();
            await using var hold = new Npgsql.NpgsqlCommand("LOCK TABLE log_checkpoints IN EXCLUSIVE MODE", blocker, transaction);
            await hold.ExecuteNonQueryAsync();
            await using var killed = ArchiveService.Launch(database.ConnectionString, settings: Keys(0, next: 1));
            await Eventually.BecomesTrueAsync(async () => await database.ScalarAsync<long>("SELECT max(size) FROM log_tree_heads") == 3, TimeSpan.FromSeconds(60));
            await killed.KillAsync();
        }

        Assert.Equal(2, await database.ScalarAsync<long>("SELECT max(size) FROM log_checkpoints"));
        await RefusesAsync(database, Keys(0));
        await using var again = await StartAsync(database, Keys(0, next: 1));
        await Eventually.BecomesTrueAsync(async () => Checkpoint.Open((await again.Client.GetCheckpointAsync(new GetCheckpointRequest())).Checkpoint, _keys[0]).Size == 3);
        Assert.Equal([_keys[0], _keys[1]], SignedNote.Open((await again.Client.GetCheckpointAsync(new GetCheckpointRequest())).Checkpoint, _keys[0], _keys[1]).Signers);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM log_entries WHERE kind = 'key_change'"));
    }

    [Theory]
    [InlineData("Log:NextPrivateKey", "short")]
    [InlineData("Log:NextPrivateKey", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("Log:FormerVerifierKeys:0", "nonsense")]
    public async Task Does_not_start_with_keys_that_are_none(string setting, string value)
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = ArchiveService.Launch(database.ConnectionString, settings: new Dictionary<string, string?> { [setting] = value });
        Assert.NotEqual(0, await service.Exited.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains(setting.Split(':')[1], service.Output, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Keys(int current, int? next = null, int[]? former = null)
    {
        var settings = new Dictionary<string, string?> { ["Log:PrivateKey"] = _seeds[current], ["Log:NextPrivateKey"] = next is { } n ? _seeds[n] : null };
        for (var i = 0; i < (former?.Length ?? 0); i++)
        {
            settings[$"Log:FormerVerifierKeys:{i}"] = _keys[former![i]].ToString();
        }

        return settings;
    }

    private static Task<ArchiveService> StartAsync(TestDatabase database, Dictionary<string, string?> keys, RunningWitness? witness = null)
        => ArchiveService.StartAsync(database.ConnectionString, settings: new Dictionary<string, string?>(keys.Concat(witness?.Settings ?? [])));

    private static async Task<string> GrowCosignedAsync(TestDatabase database, ArchiveService service, long size)
    {
        await ServeTileTests.GrowAsync(database, service, size);
        var answer = new GetCheckpointResponse();
        await Eventually.BecomesTrueAsync(async () =>
        {
            answer = await service.Client.GetCheckpointAsync(new GetCheckpointRequest());
            return answer.Witnesses.Single().TreeSize == size;
        });
        return answer.CosignedCheckpoint;
    }

    private static Task DeclaredAsync(TestDatabase database, long changes)
        => Eventually.BecomesTrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM log_key_changes") == changes);

    private static async Task RefusesAsync(TestDatabase database, Dictionary<string, string?> keys)
    {
        var signed = await database.ScalarAsync<long>("SELECT count(*) FROM log_checkpoints");
        var entries = await database.ScalarAsync<long>("SELECT size FROM log_head");
        await using var service = ArchiveService.Launch(database.ConnectionString, settings: keys);
        await Eventually.BecomesTrueAsync(() => service.Output.Contains(Refused, StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        Assert.Equal((signed, entries), (await database.ScalarAsync<long>("SELECT count(*) FROM log_checkpoints"), await database.ScalarAsync<long>("SELECT size FROM log_head")));
    }

    private static string Token() => ArchiveService.Auditor.GetValue("authorization")!["Bearer ".Length..];

    private async Task<string> FileAsync(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
