using Poc.Verify.Tests.Notes;

namespace Poc.Verify.Tests.Logs;

public sealed class LogTests : Scratch
{
    private readonly Signer _signer = new(TinyLog.Origin, 1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(1_000)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(70_000)]
    public async Task Verifies_a_log(int size)
    {
        Save(TinyLog.Files(size, _signer));
        var answer = await VerifyAsync();
        Assert.Equal([], answer.Reasons);
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains($"{size} entries hashed", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_flipped_truncated_lengthened_dropped_or_swapped_file_is_found()
    {
        var files = TinyLog.Files(600, _signer);
        foreach (var (name, bytes) in files)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var flipped = bytes.ToArray();
                flipped[(bit * 131) % bytes.Length] ^= (byte)(1 << bit);
                await FailsAsync(files, name, flipped, "malformed", "signature_wrong", "not_signed", "tile_mismatch", "bundle_malformed", "root_mismatch");
            }

            await FailsAsync(files, name, bytes[..^1], "malformed", "tile_mismatch", "bundle_malformed");
            await FailsAsync(files, name, [], "malformed", "tile_mismatch", "bundle_malformed");
            await FailsAsync(files, name, [.. bytes, 0], "malformed", "tile_mismatch", "bundle_malformed");
            await FailsAsync(files, name, null, "file_missing");
            foreach (var other in files.Keys.Where(other => other != name && !files[other].AsSpan().SequenceEqual(bytes)))
            {
                await FailsAsync(files, name, files[other], "malformed", "signature_wrong", "not_signed", "tile_mismatch", "bundle_malformed", "root_mismatch");
            }
        }
    }

    [Theory]
    [InlineData("stray")]
    [InlineData("tile/0/003")]
    [InlineData("tile/0/002.p/89")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/00/000")]
    [InlineData("tile/0/x000/000")]
    [InlineData("tile/2/000.p/1")]
    [InlineData("tile/entries/002.p/89")]
    public async Task An_added_file_is_found(string name) => await FailsAsync(TinyLog.Files(600, _signer), name, [1], "file_unexpected");

    [Fact]
    public async Task Older_partial_tiles_and_bundles_must_be_beginnings_of_newer_ones()
    {
        var files = TinyLog.Files(600, _signer);
        var older = TinyLog.Files(300, _signer);
        foreach (var name in (string[])["tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"])
        {
            files[name] = older[name];
        }

        Save(files);
        Assert.Equal(0, (await VerifyAsync()).ExitCode);
        foreach (var name in (string[])["tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"])
        {
            await FailsAsync(files, name, [.. files[name][..^1], (byte)(files[name][^1] ^ 1)], "tile_mismatch");
            await FailsAsync(files, name, files[name][..^1], "tile_mismatch");
        }
    }

    [Fact]
    public async Task Every_checkpoint_of_a_series_is_compared_with_the_tree_of_its_size()
    {
        var files = TinyLog.Files(600, _signer);
        foreach (var size in (int[])[0, 1, 255, 256, 257, 600])
        {
            files[$"checkpoints/{size}"] = TinyLog.Checkpoint(size, TinyLog.RootAt(size), _signer);
        }

        Save(files);
        var answer = await VerifyAsync();
        Assert.Equal([], answer.Reasons);
        Assert.Contains($"checkpoints/257: {TinyLog.Origin} at 257", answer.Output, StringComparison.Ordinal);
        await FailsAsync(files, "checkpoints/257", TinyLog.Checkpoint(257, TinyLog.RootAt(256), _signer), "root_mismatch");
        await FailsAsync(files, "checkpoints/0", TinyLog.Checkpoint(0, TinyLog.RootAt(1), _signer), "root_mismatch");
        await FailsAsync(files, "checkpoints/601", TinyLog.Checkpoint(601, TinyLog.RootAt(601), _signer), "size_out_of_range");
        await FailsAsync(files, "checkpoints/other", TinyLog.Checkpoint(1, TinyLog.RootAt(1), _signer, "log.example/two"), "origin_mismatch");
        using var stranger = new Signer(TinyLog.Origin, 9);
        await FailsAsync(files, "checkpoints/strange", TinyLog.Checkpoint(1, TinyLog.RootAt(1), stranger), "not_signed");
    }

    [Fact]
    public async Task A_checkpoint_that_somebody_kept_is_compared_too()
    {
        Save(TinyLog.Files(600, _signer));
        var kept = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await File.WriteAllBytesAsync(kept, TinyLog.Checkpoint(300, TinyLog.RootAt(300), _signer), TestContext.Current.CancellationToken);
            Assert.Equal(0, (await VerifyAsync("--checkpoint", kept)).ExitCode);
            await File.WriteAllBytesAsync(kept, TinyLog.Checkpoint(300, TinyLog.RootAt(299), _signer), TestContext.Current.CancellationToken);
            Assert.Equal(["root_mismatch"], (await VerifyAsync("--checkpoint", kept)).Reasons);
        }
        finally
        {
            File.Delete(kept);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(600)]
    [InlineData(65_536)]
    [InlineData(70_000)]
    public async Task Without_entries_tiles_and_checkpoints_are_verified_and_it_says_that_entries_were_not(int size)
    {
        var files = WithoutEntries(TinyLog.Files(size, _signer));
        files["checkpoints/half"] = TinyLog.Checkpoint(size / 2, TinyLog.RootAt(size / 2), _signer);
        Save(files);
        var answer = await VerifyAsync("--hashes-only");
        Assert.Equal([], answer.Reasons);
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains($"all tiles over {size} hashes", answer.Output, StringComparison.Ordinal);
        Assert.Contains("checkpoints/half", answer.Output, StringComparison.Ordinal);
        Assert.Contains("entries: none was hashed", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("entries hashed", answer.Output, StringComparison.Ordinal);

        // Not without being asked to: somebody may have taken the entries away.
        var unasked = await VerifyAsync();
        Assert.Equal(size == 0 ? [] : ["file_missing"], unasked.Reasons);
        Assert.Equal(size == 0 ? 0 : 1, unasked.ExitCode);
    }

    [Fact]
    public async Task Without_entries_every_flipped_truncated_lengthened_dropped_or_swapped_file_is_found()
    {
        var files = WithoutEntries(TinyLog.Files(600, _signer));
        foreach (var (name, bytes) in files)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var flipped = bytes.ToArray();
                flipped[(bit * 131) % bytes.Length] ^= (byte)(1 << bit);
                await FailsAsync(files, name, flipped, ["--hashes-only"], "malformed", "signature_wrong", "not_signed", "tile_mismatch", "root_mismatch");
            }

            await FailsAsync(files, name, bytes[..^1], ["--hashes-only"], "malformed", "tile_mismatch");
            await FailsAsync(files, name, bytes.Length > 32 ? bytes[..^32] : [], ["--hashes-only"], "malformed", "tile_mismatch", "signature_wrong");
            await FailsAsync(files, name, [.. bytes, .. new byte[32]], ["--hashes-only"], "malformed", "tile_mismatch");
            await FailsAsync(files, name, null, ["--hashes-only"], "file_missing");
            foreach (var other in files.Keys.Where(other => other != name && !files[other].AsSpan().SequenceEqual(bytes)))
            {
                await FailsAsync(files, name, files[other], ["--hashes-only"], "malformed", "signature_wrong", "not_signed", "tile_mismatch", "root_mismatch");
            }
        }
    }

    [Fact]
    public async Task Without_entries_older_partial_tiles_and_checkpoints_must_fit_as_well()
    {
        var files = WithoutEntries(TinyLog.Files(600, _signer));
        files["tile/0/001.p/44"] = TinyLog.Files(300, _signer)["tile/0/001.p/44"];
        Save(files);
        Assert.Equal(0, (await VerifyAsync("--hashes-only")).ExitCode);
        await FailsAsync(files, "tile/0/001.p/44", [.. files["tile/0/001.p/44"].Reverse()], ["--hashes-only"], "tile_mismatch");
        await FailsAsync(files, "tile/0/003", new byte[32], ["--hashes-only"], "file_unexpected");
        await FailsAsync(files, "checkpoints/300", TinyLog.Checkpoint(300, TinyLog.RootAt(299), _signer), ["--hashes-only"], "root_mismatch");
    }

    [Fact]
    public async Task A_full_tile_stands_in_for_a_partial_one_without_entries_too()
    {
        var files = WithoutEntries(TinyLog.Files(256, _signer));
        files["checkpoint"] = TinyLog.Checkpoint(200, TinyLog.RootAt(200), _signer);
        files.Remove("tile/1/000.p/1");
        Save(files);

        // In a folder nobody has signed what is beyond; behind a URL the log may have grown.
        Assert.Equal(["file_unexpected"], (await VerifyAsync("--hashes-only")).Reasons);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_not_verified()
        => Assert.Equal(["file_missing"], (await RunAsync("log", PathOf("none"), "--key", _signer.Key)).Reasons);

    private Task<Answer> VerifyAsync(params string[] more) => RunAsync(["log", Folder, "--key", _signer.Key, .. more]);

    private static Dictionary<string, byte[]> WithoutEntries(Dictionary<string, byte[]> files)
        => files.Where(file => !file.Key.StartsWith("tile/entries/", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);

    private Task FailsAsync(Dictionary<string, byte[]> files, string name, byte[]? bytes, params string[] reasons) => FailsAsync(files, name, bytes, [], reasons);

    private async Task FailsAsync(Dictionary<string, byte[]> files, string name, byte[]? bytes, string[] options, params string[] reasons)
    {
        var changed = new Dictionary<string, byte[]>(files, StringComparer.Ordinal);
        changed.Remove(name);
        if (bytes is not null)
        {
            changed[name] = bytes;
        }

        Save(changed);
        var answer = await VerifyAsync(options);
        Assert.True(answer.ExitCode == 1 && answer.Reasons.Any(reasons.Contains), $"{name}: {answer.Output}");
    }

    private void Save(Dictionary<string, byte[]> files)
    {
        Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
        foreach (var (name, bytes) in files)
        {
            Write(name, bytes);
        }
    }
}
