using System.Globalization;
using System.Net;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.LocalHost.Processes;
using Poc.Testing;
using Poc.Verify;

namespace Poc.StatementArchive.Tests.Log;

/// <summary>The log as files, read by programs that share no code with the service that serves it, and by poc-verify.</summary>
public sealed class ServeTileTests : IDisposable
{
    private const string GoLibrary = "/usr/share/gocode/src/golang.org/x/mod/sumdb";
    private readonly HttpClient _http = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("poc-tiles-").FullName;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Serves_a_log_that_others_verify_whole_at_every_size_where_tiles_begin_or_end()
    {
        await Testing.Foreign.RequireAsync(() => Task.FromResult(Programs.Find("go") is not null && Directory.Exists(GoLibrary)), "golang-go", "golang-golang-x-mod-dev");
        await Testing.Foreign.PrepareAsync(
            "go", ["build", "-o", PathOf("read"), Checkout.Path("tests", "Poc.StatementArchive.Tests", "Foreign", "read.go")],
            ("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode"), ("GOFLAGS", ""), ("GOCACHE", PathOf("cache")));
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        var key = (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).VerifierKey;
        var token = Token(ArchiveService.Auditor);
        await File.WriteAllTextAsync(PathOf("token"), token);
        var older = new List<long>();
        foreach (var size in (long[])[1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 65_793])
        {
            var checkpoint = await GrowAsync(database, service, size);
            await File.WriteAllTextAsync(PathOf($"checkpoint-{size}"), checkpoint);

            var go = await Testing.Foreign.RunAsync(PathOf("read"), [service.WebAddress, key, token, .. older.Select(Text)]);
            Assert.True(go.ExitCode == 0, $"{size}: {go.Errors}");
            Assert.Equal($"{size} {Convert.ToBase64String(Checkpoint.Open(checkpoint, NoteKey.Parse(key)).RootHash)}\n", go.Output);
            older.Add(size);
            if (size is < 1_000 or 65_793)
            {
                string[] kept = [.. older.SelectMany(size => (string[])["--checkpoint", PathOf($"checkpoint-{size}")])];
                var verified = await VerifyAsync(["log", service.WebAddress, "--key", key, "--token", PathOf("token"), .. kept]);
                Assert.True(verified.ExitCode == 0, $"{size}: {verified.Output}");
                Assert.Contains($"{size} entries hashed", verified.Output, StringComparison.Ordinal);
            }
        }

        // Partial tiles of older sizes stay, as the format allows, and are beginnings of what is there now.
        Assert.Equal((await TileAsync(service, "tile/1/000"))[..(255 * MerkleTree.HashSize)], await TileAsync(service, "tile/1/000.p/255"));
        Assert.Equal(MerkleTree.HashSize, (await TileAsync(service, "tile/2/000.p/1")).Length);

        // Entries that poc-verify cannot read are entries it cannot vouch for.
        Assert.Equal(1, (await VerifyAsync("log", service.WebAddress, "--key", key)).ExitCode);

        // Anyone can follow the tree without them.
        var hashes = await VerifyAsync(["log", service.WebAddress, "--key", key, "--hashes-only", .. older.SelectMany(size => (string[])["--checkpoint", PathOf($"checkpoint-{size}")])]);
        Assert.True(hashes.ExitCode == 0, hashes.Output);
        Assert.Contains("NOT checked: entries: none was hashed", hashes.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serves_what_a_checkpoint_covers_and_nothing_else()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(service, "tile/0/000.p/1")).StatusCode);
        await GrowAsync(database, service, 300);
        foreach (var found in (string[])["tile/0/000", "tile/0/001.p/44", "tile/0/001.p/1", "tile/1/000.p/1"])
        {
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(service, found)).StatusCode);
        }

        string[] missing =
        [
            "tile/0/001", "tile/0/001.p/45", "tile/0/001.p/255", "tile/0/002.p/1", "tile/1/000", "tile/1/000.p/2", "tile/2/000.p/1", "tile/8/000", "tile/63/000.p/1",
            "tile/0/0", "tile/0/x000/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/00/000", "tile/-1/000", "tile/0/-01", "tile/0/000/", "tile/0",
            "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/x999/x999/x999/x999/x999/x999/x999/999", "tile/data/000", "TILE/0/000", "tile/0/000.P/1",
        ];
        foreach (var path in missing)
        {
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await GetAsync(service, path)).StatusCode));
        }

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(service, "tile/entries/001.p/45", ArchiveService.Auditor)).StatusCode);
    }

    [Fact]
    public async Task Gives_entries_to_auditors_only_and_keeps_them_out_of_shared_caches()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        await GrowAsync(database, service, 3);
        const string Bundle = "tile/entries/000.p/3";
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(service, Bundle)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(service, Bundle, ArchiveService.Archivist)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(service, "tile/0/000.p/3", new Metadata { { "authorization", "Bearer nonsense" } })).StatusCode);

        var bundle = await GetAsync(service, Bundle, ArchiveService.Auditor);
        Assert.Equal((HttpStatusCode.OK, "max-age=31536000, private, immutable"), (bundle.StatusCode, Caching(bundle)));
        var tile = await GetAsync(service, "tile/0/000.p/3");
        Assert.Equal((HttpStatusCode.OK, "public, max-age=31536000, immutable"), (tile.StatusCode, Caching(tile)));
        Assert.Equal("no-cache", Caching(await GetAsync(service, "checkpoint")));
    }

    [Fact]
    public async Task Serves_no_tile_of_which_a_hash_is_gone()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        await GrowAsync(database, service, 3);
        Assert.Equal(1, await SharedArchive.TamperAsync(database.Database, "DELETE FROM log_nodes WHERE level = 0 AND index = 1"));
        Assert.Equal(HttpStatusCode.InternalServerError, (await GetAsync(service, "tile/0/000.p/3")).StatusCode);
    }

    /// <summary>Appends until there are so many entries, and waits for the checkpoint over them.</summary>
    /// <remarks>As many appends would leave the rows, in one statement: one by one, the row with the size would have tens of thousands of versions.</remarks>
    internal static async Task<string> GrowAsync(TestDatabase database, ArchiveService service, long size)
    {
        await database.Database.InTransactionAsync(async tx =>
        {
            var start = await tx.ScalarAsync<long>("UPDATE log_head SET size = $1 RETURNING (SELECT size FROM log_head)", size);
            await tx.ExecuteAsync("SET LOCAL session_replication_role = replica");
            await tx.ExecuteAsync(
                """
                INSERT INTO log_entries (index, entry_id, object_id, kind, body)
                SELECT i, gen_random_uuid(), gen_random_uuid(), 'annotation', convert_to('{"n":' || i || '}', 'UTF8') FROM generate_series($1, $2 - 1) i
                """, start, size);
        }, CancellationToken.None);
        var checkpoint = "";
        await Eventually.BecomesTrueAsync(async () =>
        {
            checkpoint = (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).Checkpoint;
            return checkpoint.Split('\n')[1] == Text(size);
        }, TimeSpan.FromMinutes(3));
        return checkpoint;
    }

    internal static Task<ForeignAnswer> VerifyAsync(params string[] arguments) => Testing.Foreign.RunAsync("dotnet", [typeof(VerifyCommand).Assembly.Location, .. arguments]);

    private static string Text(long size) => size.ToString(CultureInfo.InvariantCulture);

    private static string Token(Metadata credential) => credential.GetValue("authorization")!["Bearer ".Length..];

    private static string? Caching(HttpResponseMessage answer) => answer.Headers.GetValues("Cache-Control").Single();

    private async Task<HttpResponseMessage> GetAsync(ArchiveService service, string path, Metadata? credential = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{service.WebAddress}/{path}"));
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", credential.GetValue("authorization"));
        }

        return await _http.SendAsync(request);
    }

    private async Task<byte[]> TileAsync(ArchiveService service, string path)
    {
        using var answer = await GetAsync(service, path);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
