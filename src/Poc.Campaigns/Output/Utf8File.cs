using System.Buffers.Text;

namespace Poc.Campaigns.Output;

/// <summary>A file that is written as UTF-8 from its beginning to its end, through a buffer.</summary>
internal sealed class Utf8File(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
    private byte[] _buffer = new byte[1 << 16];
    private int _used;

    /// <summary>Room to write into; what is written counts after <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_buffer.Length - _used < length)
        {
            _file.Write(_buffer, 0, _used);
            _used = 0;
            _buffer = _buffer.Length < length ? new byte[length] : _buffer;
        }

        return _buffer.AsSpan(_used);
    }

    public void Advance(int length) => _used += length;

    public void Write(byte one)
    {
        Reserve(1)[0] = one;
        _used++;
    }

    public void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        _used += text.Length;
    }

    public void Write(long number)
    {
        Utf8Formatter.TryFormat(number, Reserve(20), out var written);
        _used += written;
    }

    /// <summary>The shortest digits that give the number back.</summary>
    public void Write(double number)
    {
        number.TryFormat(Reserve(40), out var written, "R", System.Globalization.CultureInfo.InvariantCulture);
        _used += written;
    }

    /// <summary>Writes what is in the buffer and closes the file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Dispose()
    {
        try
        {
            _file.Write(_buffer, 0, _used);
        }
        finally
        {
            _file.Dispose();
        }
    }
}
