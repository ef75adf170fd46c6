using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Log;

/// <summary>The log as a client sees it that trusts nothing but the verifier key.</summary>
public sealed class ProofTests(SharedArchive archive)
{
    private static readonly NoteKey _key = TheKey();

    [Fact]
    public async Task Whoever_has_just_recorded_can_prove_it()
    {
        var stored = await archive.Client.RecordAsync(Some.Subject());
        var proof = (await archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex })).Proof;
        var checkpoint = Checkpoint.Open(proof.Checkpoint, _key);

        Assert.Equal((proof.TreeSize, stored.LogIndex), (checkpoint.Size, proof.LogIndex));
        Assert.Equal(checkpoint.RootHash, proof.RootHash.ToByteArray());
        var entry = (await archive.Client.ListLogEntriesAsync(
            new ListLogEntriesRequest { Start = stored.LogIndex, PageSize = 1 }, ArchiveService.Auditor)).Entries.Single();
        Assert.Equal(MerkleTree.HashLeaf(entry.Span), proof.LeafHash.ToByteArray());
        Assert.True(ProofVerifier.Inclusion(MerkleTree.HashLeaf(entry.Span), stored.LogIndex, checkpoint.Size, Path(proof.Path), checkpoint.RootHash));
    }

    [Fact]
    public async Task Sixty_four_appends_at_once_through_two_replicas_leave_no_gap_and_are_all_proven()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var one = await ArchiveService.StartAsync(database.ConnectionString);
        await using var two = await ArchiveService.StartAsync(database.ConnectionString);
        var stored = await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
            (i % 2 == 0 ? one : two).Client.RecordPatientlyAsync(Some.Request("subjects/many", $"s-{i}"))));

        Assert.Equal(Enumerable.Range(0, 64).Select(i => (long)i), stored.Select(statement => statement.LogIndex).Order());
        foreach (var index in stored.Select(statement => statement.LogIndex))
        {
            var proof = (await two.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = index })).Proof;
            Assert.True(ProofVerifier.Inclusion(
                proof.LeafHash.Span, index, proof.TreeSize, Path(proof.Path), Checkpoint.Open(proof.Checkpoint, _key).RootHash));
        }
    }

    [Fact]
    public async Task Every_checkpoint_extends_the_ones_before()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        var seen = new List<Checkpoint>();
        for (var i = 0; i < 12; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, i + 1).Select(k => service.Client.RecordAsync("subjects/growing", $"s-{i}-{k}")));
            var index = (await service.Client.RecordAsync("subjects/growing", $"last-{i}")).LogIndex;
            await service.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = index });
            seen.Add(Checkpoint.Open((await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).Checkpoint, _key));
        }

        foreach (var (older, newer) in seen.SelectMany((newer, i) => seen[..(i + 1)].Select(older => (older, newer))))
        {
            var proof = await service.Client.GetConsistencyProofAsync(
                new GetConsistencyProofRequest { FirstTreeSize = older.Size, SecondTreeSize = newer.Size });
            Assert.True(ProofVerifier.Consistency(older.Size, newer.Size, Path(proof.Path), older.RootHash, newer.RootHash), $"{older.Size} to {newer.Size}");
            Assert.Equal(newer.Size == seen[^1].Size, proof.Checkpoint.Length > 0);
        }
    }

    [Fact]
    public async Task An_entry_is_proven_in_any_tree_that_was_signed_over_it()
    {
        var first = await archive.Client.RecordAsync(Some.Subject());
        var early = (await archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = first.LogIndex })).Proof;
        var later = await archive.Client.RecordAsync(Some.Subject());
        await archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = later.LogIndex });

        var again = (await archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = first.LogIndex, TreeSize = early.TreeSize })).Proof;
        Assert.Equal(early, again);
        Assert.Equal(
            (StatusCode.OutOfRange, "TREE_SIZE_UNKNOWN"),
            Short(await Some.RefusalAsync(
                archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = later.LogIndex, TreeSize = early.TreeSize }))));
    }

    [Fact]
    public async Task There_is_no_proof_of_what_is_not_there()
    {
        Assert.Equal((StatusCode.NotFound, "LOG_ENTRY_NOT_FOUND"),
            Short(await Some.RefusalAsync(archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = 1L << 40 }))));
        var stored = await archive.Client.RecordAsync(Some.Subject());
        Assert.Equal(
            (StatusCode.OutOfRange, "TREE_SIZE_UNKNOWN"),
            Short(await Some.RefusalAsync(
                archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex, TreeSize = 1L << 40 }))));
        Assert.Equal(
            (StatusCode.OutOfRange, "TREE_SIZE_UNKNOWN"),
            Short(await Some.RefusalAsync(
                archive.Client.GetConsistencyProofAsync(new GetConsistencyProofRequest { FirstTreeSize = 1, SecondTreeSize = 1L << 40 }))));
        Assert.Equal(
            (StatusCode.OutOfRange, "TREE_SIZE_UNKNOWN"),
            Short(await Some.RefusalAsync(archive.Client.GetConsistencyProofAsync(new GetConsistencyProofRequest { FirstTreeSize = 1L << 40 }))));
    }

    [Theory]
    [InlineData(0, 5, "first_tree_size")]
    [InlineData(5, 4, "second_tree_size")]
    [InlineData(5, -1, "second_tree_size")]
    public async Task Consistency_goes_from_one_upwards(long first, long second, string field)
        => Assert.Equal([field], (await Some.RefusalAsync(
            archive.Client.GetConsistencyProofAsync(new GetConsistencyProofRequest { FirstTreeSize = first, SecondTreeSize = second }))).Fields);

    [Fact]
    public async Task A_negative_index_or_size_is_no_question()
        => Assert.Equal(["log_index", "tree_size"],
            (await Some.RefusalAsync(archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = -1, TreeSize = -1 }))).Fields);

    [Fact]
    public async Task Monitors_find_the_checkpoint_over_plain_HTTP()
    {
        var stored = await archive.Client.RecordAsync(Some.Subject());
        await archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex });
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(archive.Service.WebAddress + "/checkpoint"));
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(Checkpoint.Open(await answer.Content.ReadAsStringAsync(), _key).Size > stored.LogIndex);
    }

    [Fact]
    public async Task An_empty_log_has_a_checkpoint_too()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        var answer = await service.Client.GetCheckpointAsync(new GetCheckpointRequest());
        Assert.Equal(_key.ToString(), answer.VerifierKey);
        var checkpoint = Checkpoint.Open(answer.Checkpoint, _key);
        Assert.Equal((0, "poc.example/log"), (checkpoint.Size, checkpoint.Origin));
        Assert.Equal(MerkleTree.EmptyRoot, checkpoint.RootHash);
    }

    [Fact]
    public async Task Entries_come_in_order_and_in_pages()
    {
        var first = await archive.Client.RecordAsync(Some.Subject());
        var last = await archive.Client.RecordAsync(Some.Subject());
        await archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = last.LogIndex });
        var page = await archive.Client.ListLogEntriesAsync(new ListLogEntriesRequest { Start = first.LogIndex, PageSize = 2 }, ArchiveService.Auditor);
        var rest = await archive.Client.ListLogEntriesAsync(new ListLogEntriesRequest { Start = first.LogIndex + 1 }, ArchiveService.Auditor);
        Assert.Equal(2, page.Entries.Count);
        Assert.Equal(page.Entries[1], rest.Entries[0]);
        Assert.Empty((await archive.Client.ListLogEntriesAsync(new ListLogEntriesRequest { Start = 1L << 40 }, ArchiveService.Auditor)).Entries);
        Assert.Equal(["start"],
            (await Some.RefusalAsync(archive.Client.ListLogEntriesAsync(new ListLogEntriesRequest { Start = -1 }, ArchiveService.Auditor))).Fields);
    }

    private static IReadOnlyList<byte[]> Path(IEnumerable<Google.Protobuf.ByteString> path) => [.. path.Select(hash => hash.ToByteArray())];

    private static (StatusCode, string) Short((StatusCode Code, string Reason, IReadOnlyList<string>) refusal) => (refusal.Code, refusal.Reason);

    private static NoteKey TheKey()
    {
        using var signer = new NoteSigner("poc.example/log", new byte[32]);
        return signer.PublicKey;
    }
}
