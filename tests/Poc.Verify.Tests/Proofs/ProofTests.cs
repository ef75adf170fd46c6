using System.Text.Json;
using System.Text.Json.Nodes;

namespace Poc.Verify.Tests.Proofs;

public sealed class ProofTests : Scratch
{
    private const int Largest = 20;
    private static readonly byte[][] _entries = [.. Enumerable.Range(0, Largest).Select(i => new[] { (byte)i, (byte)(i * 7) })];

    [Fact]
    public async Task Every_leaf_of_every_tree_is_included()
    {
        for (var size = 1; size <= Largest; size++)
        {
            for (var index = 0; index < size; index++)
            {
                Assert.Equal(0, (await RunAsync("inclusion", File(Inclusion(index, size)))).ExitCode);
            }
        }
    }

    [Fact]
    public async Task Every_tree_is_consistent_with_every_older_one()
    {
        for (var second = 1; second <= Largest; second++)
        {
            for (var first = 1; first <= second; first++)
            {
                Assert.Equal(0, (await RunAsync("consistency", File(Consistency(first, second)))).ExitCode);
            }
        }
    }

    [Fact]
    public async Task Takes_hexadecimal_and_the_names_of_public_vectors()
    {
        var proof = new JsonObject
        {
            ["leafIdx"] = "4",
            ["treeSize"] = 7,
            ["root"] = Convert.ToHexString(NaiveTree.Root(_entries[..7])),
            ["leafHash"] = Convert.ToHexStringLower(NaiveTree.Leaf(_entries[4])),
            ["proof"] = new JsonArray([.. NaiveTree.Path(4, _entries[..7]).Select(hash => (JsonNode)Convert.ToHexString(hash))]),
            ["desc"] = "",
            ["wantErr"] = false,
        };
        Assert.Equal(0, (await RunAsync("inclusion", File(proof))).ExitCode);
    }

    [Theory]
    [InlineData("index", 7, "index_out_of_range")]
    [InlineData("index", 8, "index_out_of_range")]
    [InlineData("index", -1, "index_out_of_range")]
    [InlineData("index", 3, "root_mismatch")]
    [InlineData("index", "18446744073709551615", "index_out_of_range")]
    [InlineData("index", "4.0", "malformed")]
    [InlineData("index", true, "malformed")]
    [InlineData("size", 0, "index_out_of_range")]
    [InlineData("size", 1, "index_out_of_range")]
    [InlineData("size", 14, "proof_length")]
    [InlineData("leaf_hash", "", "hash_length")]
    [InlineData("leaf_hash", "V3JvbmdMZWFm", "hash_length")]
    [InlineData("leaf_hash", "!", "malformed")]
    [InlineData("root", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "root_mismatch")]
    [InlineData("leaf_hash", null, "malformed")]
    [InlineData("proof", null, "proof_length")]
    [InlineData("proof", "AA==", "malformed")]
    [InlineData("algorithm", "sha1", "unknown")]
    public async Task Says_why_inclusion_is_not_proven(string member, object? value, string reason)
    {
        var proof = Inclusion(4, 7);
        proof[member] = JsonSerializer.SerializeToNode(value);
        await FailsAsync("inclusion", proof, reason);
    }

    [Theory]
    [InlineData("first_size", 0, "size_out_of_range")]
    [InlineData("first_size", 8, "size_out_of_range")]
    [InlineData("first_size", 5, "proof_length")]
    [InlineData("first_size", "18446744073709551615", "size_out_of_range")]
    [InlineData("second_size", 5, "size_out_of_range")]
    [InlineData("second_size", 6, "proof_length")]
    [InlineData("second_size", 28, "proof_length")]
    [InlineData("first_root", "V3JvbmdSb290", "hash_length")]
    [InlineData("second_root", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "root_mismatch")]
    [InlineData("proof", null, "proof_length")]
    public async Task Says_why_consistency_is_not_proven(string member, object? value, string reason)
    {
        var proof = Consistency(6, 7);
        proof[member] = JsonSerializer.SerializeToNode(value);
        await FailsAsync("consistency", proof, reason);
    }

    [Fact]
    public async Task Equal_sizes_need_equal_roots_and_no_proof()
    {
        var proof = Consistency(7, 7);
        proof["second_root"] = Text(NaiveTree.Root(_entries[..6]));
        await FailsAsync("consistency", proof, "root_mismatch");
        proof = Consistency(7, 7);
        proof["proof"] = new JsonArray(Text(NaiveTree.Root(_entries[..7])));
        await FailsAsync("consistency", proof, "proof_length");
    }

    [Fact]
    public async Task Two_empty_trees_prove_nothing()
        => await FailsAsync("consistency", new JsonObject { ["size1"] = 0, ["size2"] = 0, ["root1"] = Text(NaiveTree.Root([])), ["root2"] = Text(NaiveTree.Root([])), ["proof"] = null }, "size_out_of_range");

    [Fact]
    public async Task Any_flipped_bit_dropped_added_or_swapped_hash_is_found()
    {
        foreach (var (command, proof) in new[] { ("inclusion", Inclusion(5, 20)), ("consistency", Consistency(11, 20)) })
        {
            var hashes = proof["proof"]!.AsArray().Select(hash => (string)hash!).ToList();
            for (var i = 0; i < hashes.Count; i++)
            {
                var flipped = Convert.FromBase64String(hashes[i]);
                flipped[i * 5] ^= 0x10;
                await FailsAsync(command, With(proof, [.. hashes[..i], Convert.ToBase64String(flipped), .. hashes[(i + 1)..]]), "root_mismatch");
                await FailsAsync(command, With(proof, [.. hashes[..i], .. hashes[(i + 1)..]]), "proof_length");
                await FailsAsync(command, With(proof, [.. hashes[..i], hashes[i], .. hashes[i..]]), "proof_length");
                await FailsAsync(command, With(proof, [.. hashes[..i], "", .. hashes[i..]]), "hash_length");
            }

            await FailsAsync(command, With(proof, [hashes[1], hashes[0], .. hashes[2..]]), "root_mismatch");
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"index\":0,\"index\":0}")]
    [InlineData("{\"index\":0,\"leafIdx\":0}")]
    [InlineData("{\"size\":1")]
    public async Task Refuses_what_is_not_a_proof(string text)
        => Assert.Equal(["malformed"], (await RunAsync("inclusion", Write("p.json", text))).Reasons);

    [Fact]
    public async Task Refuses_strings_that_are_no_text()
    {
        const string proof = "{\"index\":0,\"size\":1,\"proof\":null,\"root\":\"\",\"leaf_hash\":\"?\"}";
        Assert.Equal(["malformed"], (await RunAsync("inclusion", Write("p.json", proof.Replace("?", "\\ud800", StringComparison.Ordinal)))).Reasons);
        Assert.Equal(["malformed"], (await RunAsync("inclusion", Write("p.json", System.Text.Encoding.Latin1.GetBytes(proof.Replace('?', '\xE2'))))).Reasons);
        Assert.Equal(["malformed"], (await RunAsync("inclusion", Write("p.json", proof.Replace("0,\"size\"", "\"\\udfff\",\"size\"", StringComparison.Ordinal)))).Reasons);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_verified() => Assert.Equal(["file_missing"], (await RunAsync("inclusion", PathOf("none.json"))).Reasons);

    [Theory]
    [InlineData]
    [InlineData("inclusion")]
    [InlineData("nonsense", "x")]
    [InlineData("inclusion", "a", "b")]
    [InlineData("note", "a")]
    public async Task Wrong_usage_has_an_exit_code_of_its_own(params string[] args) => Assert.Equal(2, (await RunAsync(args)).ExitCode);

    private static JsonObject With(JsonObject proof, IEnumerable<string> hashes)
    {
        var changed = proof.DeepClone().AsObject();
        changed["proof"] = new JsonArray([.. hashes.Select(hash => (JsonNode)hash)]);
        return changed;
    }

    private static JsonObject Inclusion(int index, int size) => new()
    {
        ["leaf_hash"] = Text(NaiveTree.Leaf(_entries[index])),
        ["index"] = index,
        ["size"] = size,
        ["root"] = Text(NaiveTree.Root(_entries[..size])),
        ["proof"] = new JsonArray([.. NaiveTree.Path(index, _entries[..size]).Select(Text)]),
    };

    private static JsonObject Consistency(int first, int second) => new()
    {
        ["first_size"] = first,
        ["second_size"] = second,
        ["first_root"] = Text(NaiveTree.Root(_entries[..first])),
        ["second_root"] = Text(NaiveTree.Root(_entries[..second])),
        ["proof"] = new JsonArray([.. NaiveTree.Proof(first, _entries[..second]).Select(Text)]),
    };

    private static JsonNode Text(byte[] hash) => Convert.ToBase64String(hash);

    private async Task FailsAsync(string command, JsonObject proof, string reason)
    {
        var answer = await RunAsync(command, File(proof));
        Assert.Equal(1, answer.ExitCode);
        Assert.Equal([reason], answer.Reasons);
    }

    private string File(JsonObject proof) => Write("proof.json", proof.ToJsonString());
}
