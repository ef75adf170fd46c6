using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;

namespace Poc.StatementArchive.Exports;

/// <summary>What is written goes out in messages of a call; a slow reader holds the writer back.</summary>
internal sealed class MessageStream(IServerStreamWriter<ExportStatementsResponse> messages) : Stream
{
    private const int MaxData = 256 * 1024;
    private readonly byte[] _buffer = new byte[MaxData];
    private int _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var length = Math.Min(buffer.Length, MaxData - _length);
            buffer[..length].CopyTo(_buffer.AsMemory(_length));
            _length += length;
            buffer = buffer[length..];
            if (_length == MaxData)
            {
                await SendAsync(cancellationToken);
            }
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Sends what is left.</summary>
    public async Task SendAsync(CancellationToken cancellation)
    {
        if (_length > 0)
        {
            await messages.WriteAsync(new ExportStatementsResponse { Data = ByteString.CopyFrom(_buffer, 0, _length) }, cancellation);
            _length = 0;
        }
    }

    // The tar writer flushes after each file; messages are sent when they are full.
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
