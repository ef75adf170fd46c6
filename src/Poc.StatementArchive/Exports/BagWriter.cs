using System.Formats.Tar;
using System.Security.Cryptography;
using Poc.Kernel.Exports;

namespace Poc.StatementArchive.Exports;

/// <summary>
/// Writes a bag (BagIt 1.0) as a tar file, file after file, and remembers nothing of them but digests: however large a capture is, memory holds one chunk of it.
/// </summary>
internal sealed class BagWriter
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private readonly TarWriter _tar;
    private readonly string _root;
    private readonly DateTimeOffset _at;
    private readonly List<BagFile> _files = [];

    /// <param name="output">Where the tar file goes; stays open.</param>
    /// <param name="root">The folder that holds the bag.</param>
    /// <param name="at">Time of every file.</param>
    public BagWriter(Stream output, string root, DateTimeOffset at)
        => (_tar, _root, _at) = (new TarWriter(output, TarEntryFormat.Ustar, leaveOpen: true), root, at);

    /// <summary>Digests of the payload so far.</summary>
    public IReadOnlyList<BagFile> Payload => [.. _files.Where(file => file.IsPayload)];

    /// <summary>Adds a small file.</summary>
    public Task AddAsync(string path, byte[] bytes, CancellationToken cancellation) => AddAsync(path, new MemoryStream(bytes), cancellation);

    /// <summary>Adds a file; gives its SHA-256.</summary>
    public async Task<byte[]> AddAsync(string path, Stream content, CancellationToken cancellation)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        await using var hashed = new HashedStream(content, sha256, sha512);
        await _tar.WriteEntryAsync(
            new UstarTarEntry(TarEntryType.RegularFile, $"{_root}/{path}") { DataStream = hashed, ModificationTime = _at, Mode = Readable }, cancellation);
        var file = new BagFile(path, content.Length, sha256.GetHashAndReset(), sha512.GetHashAndReset());
        _files.Add(file);
        return file.Sha256;
    }

    /// <summary>The payload manifest that is sealed; call when the payload is whole.</summary>
    public byte[] SealedManifest() => ExportLayout.Manifest(Payload.Select(file => (file.Path, file.Sha256)));

    /// <summary>Adds declaration, metadata and manifests, and ends the tar file. Without it the file has no end, and nobody takes it for a whole one.</summary>
    public async Task CompleteAsync(ExportContents contents, CancellationToken cancellation)
    {
        var payload = Payload;
        await AddAsync(ExportLayout.Declaration, ExportLayout.DeclarationBytes, cancellation);
        await AddAsync(ExportLayout.Info, ExportLayout.InfoBytes(contents, payload.Sum(file => file.Size), payload.Count), cancellation);
        await AddAsync(ExportLayout.Manifests[0], SealedManifest(), cancellation);
        await AddAsync(ExportLayout.Manifests[1], ExportLayout.Manifest(payload.Select(file => (file.Path, file.Sha512))), cancellation);
        var tags = _files.Where(file => !file.IsPayload).ToList();
        await AddAsync(ExportLayout.Manifests[2], ExportLayout.Manifest(tags.Select(file => (file.Path, file.Sha256))), cancellation);
        await AddAsync(ExportLayout.Manifests[3], ExportLayout.Manifest(tags.Select(file => (file.Path, file.Sha512))), cancellation);
        await _tar.DisposeAsync();
    }

    /// <summary>A file as it was written.</summary>
    public sealed record BagFile(string Path, long Size, byte[] Sha256, byte[] Sha512)
    {
        public bool IsPayload => Path.StartsWith("data/", StringComparison.Ordinal);
    }

    // Hashes what the writer takes. It says that it can seek because the writer asks its length first, and reads from the beginning to the end once.
    private sealed class HashedStream(Stream content, IncrementalHash sha256, IncrementalHash sha512) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => content.Length;

        public override long Position
        {
            get => content.Position;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await content.ReadAsync(buffer, cancellationToken);
            sha256.AppendData(buffer.Span[..read]);
            sha512.AppendData(buffer.Span[..read]);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
