using Poc.Postgres;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Exports;

/// <summary>A capture's bytes from the first to the last, one stored chunk in memory at a time.</summary>
internal sealed class CaptureStream(Database database, Guid captureId, long size) : Stream
{
    private ReadOnlyMemory<byte> _chunk;
    private int _next;
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

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_chunk.IsEmpty)
        {
            var number = _next++;
            if (await database.ReadAsync(tx => StoredEvidence.ChunkAsync(tx, captureId, number), cancellationToken) is not { } chunk)
            {
                return 0;
            }

            _chunk = chunk;
        }

        var length = Math.Min(buffer.Length, _chunk.Length);
        _chunk[..length].CopyTo(buffer);
        _chunk = _chunk[length..];
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
