using System.Text;
using System.Text.Json;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Exports;
using Poc.Kernel.Log;
using Poc.Testing;
using Poc.Verify;

namespace Poc.StatementArchive.Tests.Exports;

public sealed class ExportStatementsTests(SharedArchive archive)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_exported_verifies_offline()
    {
        var statement = await ExportedBag.RecordAsync(archive.Service);
        var other = (await archive.Client.RecordAsync(Some.Subject("exported"))).Name;
        var capture = await ExportedBag.CaptureAsync(archive.Service, 700_000);

        using var bag = await ExportedBag.OfAsync(archive.Service, statement, other, capture.Name);

        var verified = await bag.VerifyAsync();
        Assert.True(verified.ExitCode == VerifyCommand.Verified, verified.Output);
        Assert.Contains("seals the payload", verified.Output, StringComparison.Ordinal);
        var plain = await ExportedBag.RunAsync("bag", bag.Folder);
        Assert.True(plain.ExitCode == VerifyCommand.Verified, plain.Output);
        foreach (var manifest in ExportLayout.Manifests)
        {
            var program = manifest.Contains("512", StringComparison.Ordinal) ? "sha512sum" : "sha256sum";
            var summed = await Foreign.RunAsync("sh", ["-c", $"cd '{bag.Folder}' && {program} --check --strict --quiet {manifest}"]);
            Assert.True(summed.ExitCode == 0, summed.Errors);
        }

        Assert.All(bag.Files, file => Assert.True(Ascii.IsValid(file)));
    }

    [Fact]
    public async Task The_bag_holds_words_records_translations_ledger_captured_bytes_and_every_entry_about_them()
    {
        var statement = await ExportedBag.RecordAsync(archive.Service);
        var capture = await ExportedBag.CaptureAsync(archive.Service, 300_000);
        using var bag = await ExportedBag.OfAsync(archive.Service, statement, capture.Name);

        var contents = ExportContents.Parse(bag.Read(ExportLayout.Contents));
        Assert.Equal([capture.Name, statement], contents.Objects.Select(exported => exported.Name));
        var entries = contents.Objects[1].Entries.Select(index => (Index: index, Entry: LogEntry.Parse(bag.Read(ExportLayout.Entry(index))))).ToList();
        Assert.Equal(
            ["statement", "translation", "translation", "translation", "retraction", "retraction", "retraction", "custody"], entries.Select(entry => entry.Entry.Kind));
        Assert.Equal("Слова, die zählen: 言葉.", Encoding.UTF8.GetString(bag.Read(ExportLayout.Content(entries[0].Index, "text/plain"))));
        Assert.Equal("Words which count.", Encoding.UTF8.GetString(bag.Read(ExportLayout.Content(entries[2].Index, "text/plain"))));
        using var record = JsonDocument.Parse(bag.Read(ExportLayout.Record(entries[0].Index)));
        Assert.Equal("speaker-handle", record.RootElement.GetProperty("speaker").GetString());
        using var ledger = JsonDocument.Parse(bag.Read(ExportLayout.Record(entries[6].Index)));
        Assert.Equal("RETRACTION_FINDING_AGAINST", ledger.RootElement.GetProperty("finding").GetString());
        Assert.Equal(
            capture.Sha256.ToByteArray(), System.Security.Cryptography.SHA256.HashData(bag.Read(ExportLayout.Content(contents.Objects[0].Entries[0], capture.MediaType))));
        Assert.Equal(LogEntry.Kinds.Custody, LogEntry.Parse(bag.Read(ExportLayout.Entry(contents.Objects[0].Entries[1]))).Kind);
    }

    [Fact]
    public async Task The_metadata_is_an_RO_Crate_that_lists_every_file_of_the_payload_but_itself()
    {
        using var bag = await ExportedBag.OfAsync(archive.Service, await ExportedBag.RecordAsync(archive.Service));

        using var crate = JsonDocument.Parse(bag.Read(ExportLayout.Crate));
        Assert.Equal("https://w3id.org/ro/crate/1.2/context", crate.RootElement.GetProperty("@context").GetString());
        var graph = crate.RootElement.GetProperty("@graph").EnumerateArray().ToDictionary(entity => entity.GetProperty("@id").GetString()!);
        Assert.Equal("https://w3id.org/ro/crate/1.2", graph["ro-crate-metadata.json"].GetProperty("conformsTo").GetProperty("@id").GetString());
        Assert.Equal("./", graph["ro-crate-metadata.json"].GetProperty("about").GetProperty("@id").GetString());
        var root = graph["./"];
        Assert.All(["name", "description", "datePublished", "license"], member => Assert.NotEmpty(root.GetProperty(member).GetString()!));
        var listed = root.GetProperty("hasPart").EnumerateArray().Select(part => part.GetProperty("@id").GetString()!).ToList();
        Assert.Equal(
            bag.Files.Where(file => file.StartsWith("data/", StringComparison.Ordinal) && file != ExportLayout.Crate).Select(file => file["data/".Length..]),
            listed.Order(StringComparer.Ordinal));
        Assert.All(listed, id => Assert.Equal("File", graph[id].GetProperty("@type").GetString()));
    }

    [Fact]
    public async Task An_export_is_on_record_before_it_leaves_and_the_next_one_shows_it()
    {
        var statement = (await archive.Client.RecordAsync(Some.Subject("exported"))).Name;
        using var first = await ExportedBag.OfAsync(archive.Service, statement);
        using var second = await ExportedBag.OfAsync(archive.Service, statement);

        var entries = ExportContents.Parse(second.Read(ExportLayout.Contents)).Objects[0].Entries;
        Assert.Equal(["statement", "custody", "custody"], entries.Select(index => LogEntry.Parse(second.Read(ExportLayout.Entry(index))).Kind));
        Assert.Equal(VerifyCommand.Verified, (await second.VerifyAsync()).ExitCode);
    }

    [Fact]
    public async Task Without_a_policy_of_ones_own_nothing_is_verified_and_the_reason_is_said()
    {
        using var bag = await ExportedBag.OfAsync(archive.Service, await ExportedBag.RecordAsync(archive.Service));

        var verdict = await ExportedBag.RunAsync(bag.Folder);

        Assert.Equal(VerifyCommand.NotAuthentic, verdict.ExitCode);
        Assert.Empty(verdict.Reasons);
        using var json = JsonDocument.Parse(verdict.Output);
        Assert.False(json.RootElement.GetProperty("verified").GetBoolean());
        Assert.True(json.RootElement.GetProperty("consistent").GetBoolean());
        Assert.Contains("keys were taken from the bag itself", verdict.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bag_of_another_log_is_consistent_in_itself_and_refused_by_the_policy()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var forger = await ArchiveService.StartAsync(
            database.ConnectionString, settings: new Dictionary<string, string?> { ["Log:PrivateKey"] = Convert.ToBase64String([.. Enumerable.Repeat((byte)7, 32)]) });
        using var forged = await ExportedBag.OfAsync(forger, await ExportedBag.RecordAsync(forger));
        using var real = await ExportedBag.OfAsync(archive.Service, await ExportedBag.RecordAsync(archive.Service));

        Assert.Equal(VerifyCommand.NotAuthentic, (await ExportedBag.RunAsync(forged.Folder)).ExitCode);
        var verdict = await ExportedBag.RunAsync(forged.Folder, "--policy", real.PolicyFile);
        Assert.Equal(VerifyCommand.NotVerified, verdict.ExitCode);
        Assert.Equal(["not_signed"], verdict.Reasons);
    }

    [Fact]
    public async Task A_policy_that_asks_for_a_witness_is_not_met_without_one()
    {
        using var bag = await ExportedBag.OfAsync(archive.Service, await ExportedBag.RecordAsync(archive.Service));
        using var witness = new Kernel.Notes.Cosigner("witness.example", new byte[32]);
        await File.WriteAllTextAsync(
            bag.PolicyFile, (await File.ReadAllTextAsync(bag.PolicyFile, Ended)).Replace("quorum none", $"witness w {witness.PublicKey}\nquorum w", StringComparison.Ordinal), Ended);

        Assert.Equal(["quorum_missing"], (await bag.VerifyAsync()).Reasons);

        // The witness cosigns; manifests of tag files follow.
        var note = Encoding.UTF8.GetString(bag.Read(ExportLayout.Checkpoint));
        var text = note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)];
        bag.Write(ExportLayout.Checkpoint, Encoding.UTF8.GetBytes(note + witness.Cosign(text, TimeProvider.System.GetUtcNow())));
        bag.MakeManifestsAnew();
        var verdict = await bag.VerifyAsync();
        Assert.True(verdict.ExitCode == VerifyCommand.Verified, verdict.Output);
    }

    [Fact]
    public async Task What_was_changed_in_the_database_is_not_exported()
    {
        var statement = (await archive.Client.RecordAsync(Some.Subject("exported"))).Name;
        await TestKeys.RewriteAsync(archive.Database.Database, "statements", $"name = '{statement}'", evidence => evidence with { Text = evidence.Text + "!" });

        var refused = await Assert.ThrowsAsync<RpcException>(() => ExportedBag.OfAsync(archive.Service, statement));

        Assert.Equal(StatusCode.DataLoss, refused.StatusCode);
    }

    [Fact]
    public async Task Names_are_checked()
    {
        var statement = (await archive.Client.RecordAsync(Some.Subject("exported"))).Name;
        Assert.Equal(StatusCode.NotFound, await RefusalAsync(statement, "subjects/x/statements/y"));
        Assert.Equal(StatusCode.NotFound, await RefusalAsync($"captures/{Guid.Empty}"));
        Assert.Equal(StatusCode.NotFound, await RefusalAsync("captures/x"));
        Assert.Equal(StatusCode.InvalidArgument, await RefusalAsync());
        Assert.Equal(StatusCode.InvalidArgument, await RefusalAsync(statement, statement));
        Assert.Equal(StatusCode.InvalidArgument, await RefusalAsync([.. Enumerable.Range(0, 101).Select(i => $"subjects/x/statements/s{i}")]));

        async Task<StatusCode> RefusalAsync(params string[] names)
            => (await Assert.ThrowsAsync<RpcException>(() => ExportedBag.OfAsync(archive.Service, names))).StatusCode;
    }
}
