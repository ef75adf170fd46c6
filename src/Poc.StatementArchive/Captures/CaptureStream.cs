using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Captures;

/// <summary>A capture's bytes from the first to the last, one stored part in memory at a time.</summary>
internal sealed class CaptureStream(Database database, StoredEvidence stored, Guid captureId, long size, long logIndex) : Stream
{
    private ObjectKey? _key;
    private ReadOnlyMemory<byte> _part;
    private int _next;
    private long _given;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    /// <summary>As its entry says.</summary>
    public override long Length => size;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>The next part; null after the last.</summary>
    /// <exception cref="Poc.Grpc.RpcError">DATA_LOSS CONTENT_CHANGED: a part was changed or is missing. FAILED_PRECONDITION OBJECT_ERASED: erased meanwhile.</exception>
    public async Task<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellation)
    {
        var number = _next++;
        byte[]? part;
        try
        {
            part = await database.ReadAsync(async tx =>
            {
                _key ??= await stored.KeyOfAsync(tx, captureId) ?? throw ArchiveErrors.ObjectErased($"captures/{captureId:D}");
                return await StoredEvidence.ChunkAsync(tx, _key, number);
            }, cancellation);
        }
        catch (InvalidDataException)
        {
            throw ArchiveErrors.ContentChanged(logIndex);
        }

        if (part is null && _given < size)
        {
            throw await database.ReadAsync(tx => stored.KeyOfAsync(tx, captureId), cancellation) is null
                ? ArchiveErrors.ObjectErased($"captures/{captureId:D}")
                : ArchiveErrors.ContentChanged(logIndex);
        }

        if (part is null)
        {
            return null;
        }

        _given += part.Length;
        return part;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_part.IsEmpty)
        {
            if (await NextAsync(cancellationToken) is not { } part)
            {
                return 0;
            }

            _part = part;
        }

        var length = Math.Min(buffer.Length, _part.Length);
        _part[..length].CopyTo(buffer);
        _part = _part[length..];
        _position += length;
        return length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
