using System.Buffers;
using System.Security.Cryptography;
using Poc.Contracts.Intake.V1;

namespace Poc.Intake.Client;

/// <summary>The lines of an export as they come to lie in a stream, with the hash of all of them.</summary>
internal sealed class ExportDownload(Stream destination) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _size;

    /// <summary>Whole lines that are there.</summary>
    public long Lines { get; private set; }

    /// <summary>Counts and hashes what an earlier download left, and drops the line it broke off in.</summary>
    public async Task TakeUpAsync(CancellationToken cancellation)
    {
        if (!destination.CanRead || !destination.CanSeek || destination.Length == 0)
        {
            return;
        }

        // The rest of a line is hashed only when its end has been seen.
        using var line = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            destination.Position = 0;
            while (await destination.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
            {
                var end = buffer.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
                if (end > 0)
                {
                    _hash.AppendData(line.GetBuffer().AsSpan(0, (int)line.Length));
                    _hash.AppendData(buffer.AsSpan(0, end));
                    _size += line.Length + end;
                    Lines += buffer.AsSpan(0, end).Count((byte)'\n');
                    line.SetLength(0);
                }

                line.Write(buffer.AsSpan(end, read - end));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        destination.SetLength(_size);
        destination.Position = _size;
    }

    public async Task AddAsync(ReadOnlyMemory<byte> data, long lastLine, CancellationToken cancellation)
    {
        await destination.WriteAsync(data, cancellation).ConfigureAwait(false);
        _hash.AppendData(data.Span);
        _size += data.Length;
        Lines = lastLine;
    }

    /// <exception cref="InvalidDataException">It is not what Intake exported.</exception>
    public async Task FinishAsync(Operation operation, CancellationToken cancellation)
    {
        await destination.FlushAsync(cancellation).ConfigureAwait(false);
        if (Lines != operation.DoneCount)
        {
            throw new InvalidDataException($"{operation.Name} has {operation.DoneCount} lines; here are {Lines}.");
        }

        var hash = Convert.ToHexStringLower(_hash.GetHashAndReset());
        if (operation.Sha256.Length > 0 && (_size != operation.SizeBytes || hash != operation.Sha256))
        {
            throw new InvalidDataException($"{operation.Name} has {operation.SizeBytes} bytes of SHA-256 {operation.Sha256}; here are {_size} bytes of {hash}.");
        }
    }

    public void Dispose() => _hash.Dispose();
}
