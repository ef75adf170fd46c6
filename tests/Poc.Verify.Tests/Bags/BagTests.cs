using System.Security.Cryptography;
using System.Text;

namespace Poc.Verify.Tests.Bags;

public sealed class BagTests : Scratch
{
    private const string Declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
    private static readonly (string Name, Func<byte[], byte[]> Hash)[] _algorithms =
        [("md5", MD5.HashData), ("sha1", SHA1.HashData), ("sha256", SHA256.HashData), ("sha512", SHA512.HashData)];

    [Theory]
    [InlineData("md5")]
    [InlineData("sha1")]
    [InlineData("sha256")]
    [InlineData("sha512")]
    [InlineData("sha512", "sha256", "md5")]
    public async Task Verifies_a_bag(params string[] algorithms)
    {
        Save(Bag(algorithms));
        var answer = await RunAsync("bag", Folder);
        Assert.Equal([], answer.Reasons);
        Assert.Equal(0, answer.ExitCode);
    }

    [Fact]
    public async Task Every_flipped_truncated_lengthened_dropped_or_swapped_file_is_found()
    {
        var bag = Bag("sha512", "sha256");
        string[] any = ["digest_mismatch", "malformed", "unknown", "oxum_mismatch", "path_unsafe", "manifest_inconsistent", "file_missing", "file_unexpected"];
        foreach (var (name, bytes) in bag)
        {
            for (var bit = 0; bit < 8 && bytes.Length > 0; bit++)
            {
                var flipped = bytes.ToArray();
                flipped[(bit * 37) % bytes.Length] ^= (byte)(1 << bit);
                // Digests may be written in either case.
                if (!name.Contains("manifest-", StringComparison.Ordinal) || !Same(flipped, bytes))
                {
                    await FailsAsync(bag, name, flipped, any);
                }
            }

            // The end of the last line of a manifest that nothing lists may be left out.
            var isUnlisted = name.StartsWith("tagmanifest", StringComparison.Ordinal);
            await FailsAsync(bag, name, bytes[..Math.Max(0, bytes.Length - (isUnlisted ? 2 : 1))], any, bytes.Length > 0);
            await FailsAsync(bag, name, [.. bytes, (byte)'x'], any);
            if (!isUnlisted)
            {
                await FailsAsync(bag, name, null, ["file_missing"]);
            }

            foreach (var other in bag.Keys.Where(other => !bag[other].AsSpan().SequenceEqual(bytes)))
            {
                await FailsAsync(bag, name, bag[other], any);
            }
        }
    }

    [Fact]
    public async Task A_payload_file_that_no_manifest_lists_is_found() => await FailsAsync(Bag("sha256"), "data/added", [1], ["file_unexpected"]);

    [Fact]
    public async Task A_tag_file_that_no_manifest_lists_is_allowed()
    {
        var bag = Bag("sha256");
        bag["notes.txt"] = [1];
        Save(bag);
        Assert.Equal(0, (await RunAsync("bag", Folder)).ExitCode);
    }

    [Theory]
    [InlineData("BagIt-Version: 1.0 \nTag-File-Character-Encoding: UTF-8\n", "malformed")]
    [InlineData("BagIt-Version : 1.0\nTag-File-Character-Encoding: UTF-8\n", "malformed")]
    [InlineData("BagIt-Version: 1.0\n", "malformed")]
    [InlineData("Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n", "malformed")]
    [InlineData("\uFEFFBagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", "malformed")]
    [InlineData("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\nMore: x\n", "malformed")]
    [InlineData("BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n", "unknown")]
    [InlineData("BagIt-Version: 1.0\nTag-File-Character-Encoding: EBCDIC\n", "unknown")]
    public async Task Refuses_another_declaration(string text, string reason) => await FailsAsync(Without(Bag("sha256"), "tagmanifest-sha256.txt"), "bagit.txt", Encoding.UTF8.GetBytes(text), [reason]);

    [Theory]
    [InlineData("../outside")]
    [InlineData("data/../../outside")]
    [InlineData("/etc/hostname")]
    [InlineData("~/data/x")]
    [InlineData("data/..\\x")]
    [InlineData("C:/data/x")]
    [InlineData("bagit.txt")]
    public async Task A_path_that_leads_out_of_the_payload_is_refused(string path)
    {
        var bag = Without(Bag("sha256"), "tagmanifest-sha256.txt");
        var line = Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData([]))}  {path}\n");
        await FailsAsync(bag, "manifest-sha256.txt", [.. bag["manifest-sha256.txt"], .. line], ["path_unsafe"]);
        await FailsAsync(bag, "fetch.txt", Encoding.UTF8.GetBytes($"https://example.org/x - {path}\n"), ["path_unsafe"]);
    }

    [Fact]
    public async Task A_link_is_not_followed()
    {
        var bag = Bag("sha256");
        Save(bag);
        File.Move(PathOf("data/a.txt"), PathOf("outside"));
        File.CreateSymbolicLink(PathOf("data/a.txt"), PathOf("outside"));
        Assert.Contains("path_unsafe", (await RunAsync("bag", Folder)).Reasons);
    }

    [Fact]
    public async Task A_file_that_is_still_to_be_fetched_is_missing()
    {
        var bag = Without(Bag("sha256"), "tagmanifest-sha256.txt");
        bag["fetch.txt"] = "https://example.org/a 3 data/a.txt\n"u8.ToArray();
        Save(bag);
        Assert.Equal(0, (await RunAsync("bag", Folder)).ExitCode);
        await FailsAsync(bag, "data/a.txt", null, ["file_missing"]);
        await FailsAsync(bag, "fetch.txt", "https://example.org/a 3 data/other.txt\n"u8.ToArray(), ["manifest_inconsistent"]);
        await FailsAsync(bag, "fetch.txt", "https://example.org/a data/a.txt\n"u8.ToArray(), ["malformed"]);
    }

    [Fact]
    public async Task A_file_listed_twice_or_not_in_every_manifest_is_found()
    {
        var bag = Without(Without(Bag("sha512", "sha256"), "tagmanifest-sha256.txt"), "tagmanifest-sha512.txt");
        var lines = Encoding.UTF8.GetString(bag["manifest-sha256.txt"]).Split('\n');
        await FailsAsync(bag, "manifest-sha256.txt", Encoding.UTF8.GetBytes(string.Join('\n', [lines[0], .. lines])), ["manifest_inconsistent"]);
        await FailsAsync(bag, "manifest-sha256.txt", Encoding.UTF8.GetBytes(string.Join('\n', lines[1..])), ["manifest_inconsistent"]);
        bag["bagit.txt"] = "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"u8.ToArray();
        bag["manifest-sha256.txt"] = Encoding.UTF8.GetBytes(string.Join('\n', lines[1..]));

        // The drafts encode line ends in paths, but not the percent sign itself.
        foreach (var name in (string[])["manifest-sha256.txt", "manifest-sha512.txt"])
        {
            bag[name] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bag[name]).Replace("%25", "%", StringComparison.Ordinal));
        }

        Save(bag);
        Assert.Equal(0, (await RunAsync("bag", Folder)).ExitCode);
    }

    [Theory]
    [InlineData("Payload-Oxum: 1.1\n", "oxum_mismatch")]
    [InlineData("Payload-Oxum: x\n", "oxum_mismatch")]
    [InlineData("no label\n", "malformed")]
    [InlineData(" goes on with nothing\n", "malformed")]
    public async Task Checks_what_is_said_of_the_payload(string text, string reason)
        => await FailsAsync(Without(Bag("sha256"), "tagmanifest-sha256.txt"), "bag-info.txt", Encoding.UTF8.GetBytes(text), [reason]);

    [Fact]
    public async Task An_algorithm_that_is_not_known_is_not_passed_over()
        => await FailsAsync(Bag("sha256"), "manifest-whirlpool.txt", "00 data/a.txt\n"u8.ToArray(), ["algorithm_unknown"]);

    [Theory]
    [InlineData("UTF-16", true)]
    [InlineData("UTF-16", false)]
    public async Task Reads_tag_files_in_another_encoding(string name, bool bigEndian)
    {
        var encoding = new UnicodeEncoding(bigEndian, byteOrderMark: true);
        byte[] payload = [1, 2, 3];
        Save(new()
        {
            ["bagit.txt"] = Encoding.UTF8.GetBytes($"BagIt-Version: 0.97\nTag-File-Character-Encoding: {name}\n"),
            ["data/один"] = payload,
            ["manifest-sha256.txt"] = [.. encoding.GetPreamble(), .. encoding.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(payload))} data/один\r\n")],
        });
        Assert.Equal([], (await RunAsync("bag", Folder)).Reasons);
    }

    [Fact]
    public async Task A_folder_that_is_not_a_bag_is_not_verified()
    {
        Assert.All((await RunAsync("bag", Folder)).Reasons, reason => Assert.Equal("file_missing", reason));
        Assert.Equal(1, (await RunAsync("bag", Folder)).ExitCode);
        Assert.Equal(["file_missing"], (await RunAsync("bag", PathOf("none"))).Reasons);
    }

    private static bool Same(byte[] a, byte[] b) => Encoding.Latin1.GetString(a).Equals(Encoding.Latin1.GetString(b), StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, byte[]> Without(Dictionary<string, byte[]> bag, string name)
    {
        bag.Remove(name);
        return bag;
    }

    private static Dictionary<string, byte[]> Bag(params string[] algorithms)
    {
        var bag = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["data/a.txt"] = "one"u8.ToArray(),
            ["data/empty"] = [],
            ["data/b/два слова"] = "two"u8.ToArray(),
            ["data/c/100%\nnew"] = [0, 255],
        };
        var payload = bag.Keys.ToList();
        bag["bagit.txt"] = Encoding.UTF8.GetBytes(Declaration);
        bag["bag-info.txt"] = Encoding.UTF8.GetBytes($"Contact-Name: somebody\n  of somewhere\nContact-Name: another\nPayload-Oxum: {payload.Sum(name => bag[name].Length)}.{payload.Count}\n");
        foreach (var algorithm in algorithms)
        {
            bag[$"manifest-{algorithm}.txt"] = Manifest(bag, payload, algorithm);
        }

        var tags = bag.Keys.Except(payload).ToList();
        foreach (var algorithm in algorithms)
        {
            bag[$"tagmanifest-{algorithm}.txt"] = Manifest(bag, tags, algorithm);
        }

        return bag;
    }

    private static byte[] Manifest(Dictionary<string, byte[]> bag, IEnumerable<string> names, string algorithm)
    {
        var hash = _algorithms.Single(known => known.Name == algorithm).Hash;
        var lines = names.Select(name => $"{Convert.ToHexStringLower(hash(bag[name]))}  {name.Replace("%", "%25", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal)}\n");
        return Encoding.UTF8.GetBytes(string.Concat(lines));
    }

    private async Task FailsAsync(Dictionary<string, byte[]> bag, string name, byte[]? bytes, string[] reasons, bool holds = true)
    {
        if (!holds)
        {
            return;
        }

        var changed = new Dictionary<string, byte[]>(bag, StringComparer.Ordinal);
        changed.Remove(name);
        if (bytes is not null)
        {
            changed[name] = bytes;
        }

        Save(changed);
        var answer = await RunAsync("bag", Folder);
        Assert.True(answer.ExitCode == 1 && answer.Reasons.Any(reasons.Contains), $"{name}: {answer.Output}");
    }

    private void Save(Dictionary<string, byte[]> bag)
    {
        Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
        foreach (var (name, bytes) in bag)
        {
            Write(name, bytes);
        }
    }
}
