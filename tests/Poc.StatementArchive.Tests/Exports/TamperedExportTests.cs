using Poc.Kernel.Exports;
using Poc.Kernel.Notes;
using Poc.StatementArchive.Tests.TimeStamps;
using Poc.StatementArchive.Tests.Witnesses;
using Poc.Testing;
using Poc.Verify;

namespace Poc.StatementArchive.Tests.Exports;

/// <summary>
/// Every file of a real export, changed in every way that somebody might: no change goes through, and the reason is the right one. Once by somebody who only changes
/// the file, and once by somebody who makes all manifests anew.
/// </summary>
public sealed class TamperedExportTests : IAsyncLifetime
{
    private TimeStampAuthority? _authority;
    private RunningWitness? _witness;
    private TestDatabase? _database;
    private ArchiveService? _service;

    private ArchiveService Service => _service!;

    public async ValueTask InitializeAsync()
    {
        using var log = new NoteSigner("poc.example/log", new byte[32]);
        _witness = new RunningWitness(log.PublicKey);
        _witness.Start();
        _authority = await TimeStampAuthority.CreateAsync();
        _authority.Start();
        _database = await TestDatabase.CreateAsync("archivedb");
        _service = await ArchiveService.StartAsync(_database.ConnectionString, settings: new Dictionary<string, string?>(_witness.Settings.Concat(StamperTests.SettingsOf(_authority)))
        {
            ["Log:ProofPatienceMs"] = "30000",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await (_service?.DisposeAsync() ?? default);
        await (_database?.DisposeAsync() ?? default);
        await (_authority?.DisposeAsync() ?? default);
        await (_witness?.DisposeAsync() ?? default);
    }

    private const int Flips = 12;

    // What an unchanged file may be refused for, by what it is, where manifests agree with it.
    private static readonly (string Prefix, string[] Reasons)[] _unmasked =
    [
        (ExportLayout.Contents, ["malformed", "seal_mismatch", "file_missing", "entry_mismatch", "chain_broken", "origin_mismatch", "file_unexpected", "not_canonical"]),
        (ExportLayout.EvidenceFolder, ["commitment_mismatch", "malformed", "not_canonical", "seal_mismatch"]),
        ("data/", ["seal_mismatch"]),
        (ExportLayout.Checkpoint, ["malformed", "not_signed", "signature_wrong", "quorum_missing"]),
        (ExportLayout.EntryFolder, ["root_mismatch", "malformed"]),
        (ExportLayout.TimeStampFolder, [
            "malformed", "unknown", "hash_length", "proof_length", "root_mismatch", "not_canonical", "signature_wrong", "timestamp_untrusted", "timestamp_imprint_mismatch",
            "timestamp_missing", "algorithm_unknown", "file_missing", "file_unexpected"]),
        (ExportLayout.ProofFolder, ["malformed", "unknown", "hash_length", "proof_length", "root_mismatch", "not_canonical"]),
        (ExportLayout.Declaration, ["malformed", "unknown", "not_canonical"]),
        (ExportLayout.Info, ["malformed", "oxum_mismatch", "not_canonical"]),
    ];

    [Fact]
    public async Task No_change_of_any_file_goes_through()
    {
        using var bag = await OfEverythingAsync();
        foreach (var file in bag.Files)
        {
            string[] reasons = ExportLayout.Manifests.Contains(file) || file is ExportLayout.Declaration or ExportLayout.Info
                ? ["digest_mismatch", "malformed", "unknown", "path_unsafe", "file_missing", "file_unexpected", "manifest_inconsistent", "not_canonical"]
                : ["digest_mismatch", "oxum_mismatch"];
            await ChangeAsync(bag, file, reasons, then: static () => { });
        }
    }

    [Fact]
    public async Task No_change_goes_through_where_all_manifests_are_made_anew()
    {
        using var bag = await OfEverythingAsync();
        foreach (var file in bag.Files.Except(ExportLayout.Manifests))
        {
            await ChangeAsync(bag, file, _unmasked.First(kind => file.StartsWith(kind.Prefix, StringComparison.Ordinal)).Reasons, bag.MakeManifestsAnew);
        }
    }

    [Fact]
    public async Task Manifests_by_other_algorithms_and_promises_of_files_elsewhere_are_refused()
    {
        using var bag = await OfEverythingAsync();
        foreach (var (file, text) in ((string, string)[])[("manifest-md5.txt", ""), ("fetch.txt", ""), ("tagmanifest-sha1.txt", $"{new string('0', 40)}  bagit.txt\n")])
        {
            bag.Write(file, System.Text.Encoding.ASCII.GetBytes(text));
            Assert.Equal(VerifyCommand.NotVerified, (await bag.VerifyAsync()).ExitCode);
            bag.MakeManifestsAnew();
            Assert.Equal(VerifyCommand.NotVerified, (await bag.VerifyAsync()).ExitCode);
            File.Delete(bag.PathOf(file));
            bag.MakeManifestsAnew();
        }

        Assert.Equal(VerifyCommand.Verified, (await bag.VerifyAsync()).ExitCode);
    }

    [Fact]
    public async Task An_object_cannot_be_taken_out_nor_an_entry_about_it()
    {
        using var bag = await OfEverythingAsync();
        var contents = ExportContents.Parse(bag.Read(ExportLayout.Contents));

        // Whole objects, with every trace of them.
        var kept = contents with { Objects = [contents.Objects[0]] };
        foreach (var index in contents.Objects.Skip(1).SelectMany(exported => exported.Entries))
        {
            foreach (var file in bag.Files.Where(file => file == ExportLayout.Entry(index) || file == ExportLayout.Proof(index)
                || file.StartsWith($"{ExportLayout.EvidenceFolder}{index}/", StringComparison.Ordinal)))
            {
                File.Delete(bag.PathOf(file));
            }
        }

        bag.Write(ExportLayout.Contents, kept.ToBytes());
        bag.MakeManifestsAnew();
        Assert.Equal(["seal_mismatch"], (await bag.VerifyAsync()).Reasons);

        // An entry in the middle of one.
        var (first, left) = (kept.Objects[0], kept.Objects[0].Entries.ToList());
        File.Delete(bag.PathOf(ExportLayout.Entry(left[^2])));
        File.Delete(bag.PathOf(ExportLayout.Proof(left[^2])));
        foreach (var file in bag.Files.Where(file => file.StartsWith($"{ExportLayout.EvidenceFolder}{left[^2]}/", StringComparison.Ordinal)))
        {
            File.Delete(bag.PathOf(file));
        }

        left.RemoveAt(left.Count - 2);
        bag.Write(ExportLayout.Contents, (kept with { Objects = [first with { Entries = left }] }).ToBytes());
        bag.MakeManifestsAnew();
        Assert.Equal(["chain_broken", "seal_mismatch"], (await bag.VerifyAsync()).Reasons.Order(StringComparer.Ordinal));
    }

    private async Task<ExportedBag> OfEverythingAsync()
    {
        var capture = await ExportedBag.CaptureAsync(Service, 20_000);
        var statement = await ExportedBag.RecordAsync(Service);
        await StamperTests.StampedAsync(Service, capture.LogIndex + 1);
        var bag = await ExportedBag.OfAsync(Service, statement, capture.Name);
        await File.WriteAllTextAsync(
            bag.PolicyFile,
            (await File.ReadAllTextAsync(bag.PolicyFile)).Replace("quorum none", $"witness w {_witness!.Key}\nquorum w", StringComparison.Ordinal)
            + $"authority tsa {Convert.ToBase64String(_authority!.Root)}\ntimestamp all\n");
        var verdict = await bag.VerifyAsync();
        Assert.True(verdict.ExitCode == VerifyCommand.Verified, verdict.Output);
        Assert.Contains("(witness)", verdict.Output, StringComparison.Ordinal);
        Assert.True(bag.Files.Count(file => file.EndsWith(".tst", StringComparison.Ordinal)) >= 2, verdict.Output);
        return bag;
    }

    private static async Task ChangeAsync(ExportedBag bag, string file, string[] reasons, Action then)
    {
        var unchanged = (await bag.VerifyAsync()).Output;
        var whole = bag.Files.ToDictionary(path => path, bag.Read);
        var bytes = whole[file];
        for (var i = 0; i < Flips; i++)
        {
            var changed = bytes.ToArray();
            changed[(long)i * (bytes.Length - 1) / (Flips - 1)] ^= (byte)(1 << (i % 8));
            await RefusedAsync($"flip {i}", reasons, () => bag.Write(file, changed));
        }

        string[] truncated = [.. reasons, "file_missing"];
        await RefusedAsync("without its last byte", truncated, () => bag.Write(file, bytes[..^1]));
        await RefusedAsync("half", truncated, () => bag.Write(file, bytes[..(bytes.Length / 2)]));
        await RefusedAsync("empty", truncated, () => bag.Write(file, []));
        await RefusedAsync("with a byte more", truncated, () => bag.Write(file, [.. bytes, (byte)'\n']));
        await RefusedAsync("dropped", file.EndsWith(".tst", StringComparison.Ordinal) ? ["file_missing", "timestamp_missing"] : ["file_missing"], () => File.Delete(bag.PathOf(file)));
        await RefusedAsync("another beside it", ["file_unexpected"], () => bag.Write(file + "x", bytes));
        foreach (var other in bag.Files.Where(other => other != file && !whole[other].AsSpan().SequenceEqual(bytes)).Where((_, i) => i % 11 == 0).ToList())
        {
            await RefusedAsync($"swapped with {other}", expected: null, () =>
            {
                bag.Write(file, whole[other]);
                bag.Write(other, bytes);
            });
        }

        async Task RefusedAsync(string change, string[]? expected, Action make)
        {
            make();
            then();
            if (whole.Count == bag.Files.Count && bag.Files.All(path => whole.TryGetValue(path, out var before) && bag.Read(path).AsSpan().SequenceEqual(before)))
            {
                // Only the size of the payload is made anew along with the manifests.
                Assert.Equal(ExportLayout.Info, file);
                return;
            }

            var verdict = await bag.VerifyAsync();

            // Of a token a dozen bytes are covered by no signature and say nothing: then what is said of it stays the same to the letter.
            if (verdict.Output != unchanged || !file.EndsWith(".tst", StringComparison.Ordinal) || !change.StartsWith("flip", StringComparison.Ordinal))
            {
                Assert.True(verdict.ExitCode == VerifyCommand.NotVerified, $"{file}, {change}: {verdict.Output}");
                Assert.True(expected is null || verdict.Reasons.Overlaps(expected), $"{file}, {change}: {verdict.Output}");
            }

            foreach (var path in bag.Files.Where(path => !whole.ContainsKey(path)))
            {
                File.Delete(bag.PathOf(path));
            }

            foreach (var (path, content) in whole)
            {
                if (!File.Exists(bag.PathOf(path)) || !bag.Read(path).AsSpan().SequenceEqual(content))
                {
                    bag.Write(path, content);
                }
            }
        }
    }
}
