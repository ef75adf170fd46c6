using System.Formats.Tar;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Xunit;

namespace Poc.Cli.Tests;

public sealed class ExportedBagTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("poc-cli-").FullName;
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Unpacks_a_bag_into_the_folder_that_was_named()
    {
        await ExportedBag.ReceiveAsync(new Parts(Tar("poc-export-1/bagit.txt", "poc-export-1/data/export.json")), PathOf("bag"), Ended);

        Assert.Equal([PathOf("bag/bagit.txt"), PathOf("bag/data/export.json")], Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        Assert.Equal("content of poc-export-1/data/export.json", await File.ReadAllTextAsync(PathOf("bag/data/export.json"), Ended));
    }

    [Fact]
    public async Task Keeps_the_tar_file_as_it_came_where_one_was_asked_for()
    {
        var tar = Tar("poc-export-1/bagit.txt");

        await ExportedBag.ReceiveAsync(new Parts(tar), PathOf("bag.tar"), Ended);

        Assert.Equal(tar, await File.ReadAllBytesAsync(PathOf("bag.tar"), Ended));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("bag")]
    [InlineData("bag.tar")]
    public async Task Leaves_nothing_of_an_export_that_broke_off(string target)
    {
        var broken = new RpcException(new Status(StatusCode.Unavailable, "gone"));

        Assert.Same(broken, await Assert.ThrowsAsync<RpcException>(() => ExportedBag.ReceiveAsync(new Parts(Tar("poc-export-1/bagit.txt"), broken), PathOf(target), Ended)));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("bagit.txt")] // in no folder
    [InlineData("poc-export-1/../../outside")]
    [InlineData("/poc-export-1//bagit.txt")]
    [InlineData("poc-export-1/a\\b")]
    public async Task Writes_nothing_outside_its_folder_whatever_the_service_says(string path)
    {
        await Assert.ThrowsAsync<IOException>(() => ExportedBag.ReceiveAsync(new Parts(Tar("poc-export-1/bagit.txt", path)), PathOf("bag"), Ended));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Makes_no_links()
    {
        var bytes = new MemoryStream();
        await using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.SymbolicLink, "poc-export-1/link") { LinkName = "/etc" }, Ended);
        }

        await Assert.ThrowsAsync<IOException>(() => ExportedBag.ReceiveAsync(new Parts(bytes.ToArray()), PathOf("bag"), Ended));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    private static byte[] Tar(params string[] paths)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var path in paths)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes($"content of {path}")) });
            }
        }

        return bytes.ToArray();
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    // Messages of a call: the bytes in parts, then its end, or what broke it.
    private sealed class Parts(byte[] bytes, Exception? end = null) : IAsyncStreamReader<ExportStatementsResponse>
    {
        private readonly Queue<byte[]> _left = new(bytes.Chunk(700));

        public ExportStatementsResponse Current { get; private set; } = new();

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (!_left.TryDequeue(out var part))
            {
                return end is null ? Task.FromResult(false) : Task.FromException<bool>(end);
            }

            Current = new ExportStatementsResponse { Data = ByteString.CopyFrom(part) };
            return Task.FromResult(true);
        }
    }
}
