using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Poc.Testing;

/// <summary>
/// An HTTP/2 connection (RFC 9113) that sends what it is told to, frame by frame, sense or nonsense: what no client does. Header fields are written as literals (RFC 7541, 6.2.2), those
/// of answers are not decoded.
/// </summary>
public sealed class Http2Wire : IAsyncDisposable
{
    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8, Continuation = 9;
    public const byte EndStream = 1, EndHeaders = 4;

    private readonly Socket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Task _reading;
    private readonly ConcurrentDictionary<int, byte[]> _ended = [];

    // What may still be sent: on the connection (0), and on each stream beside what all streams begin with (RFC 9113, 6.9).
    private readonly Dictionary<int, long> _windows = new() { [0] = 65_535 };
    private long _initialWindow = 65_535;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Http2Wire(Socket socket, bool reads)
    {
        _socket = socket;
        _reading = reads ? Task.Run(ReadAsync) : Task.CompletedTask;
    }

    /// <summary>Ends when the server has closed the connection; at once where nothing is read.</summary>
    public Task Closed => _reading;

    /// <summary>Streams that the server has ended, with the payload of the HEADERS or RST_STREAM frame that did it.</summary>
    public IReadOnlyDictionary<int, byte[]> Ended => _ended;

    /// <param name="address">http://host:port</param>
    /// <param name="reads">False for a client that takes nothing from the server.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public static async Task<Http2Wire> ConnectAsync(string address, CancellationToken cancellation, bool reads = true)
    {
        var uri = new Uri(address);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(uri.Host, uri.Port, cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), cancellation);
            var wire = new Http2Wire(socket, reads);
            // SETTINGS_HEADER_TABLE_SIZE 0: header fields of answers come as text, not as references to earlier ones.
            await wire.SendAsync(Settings, 0, 0, new byte[] { 0, 1, 0, 0, 0, 0 }, cancellation);
            return wire;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A frame's bytes.</summary>
    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>Header fields as a header block.</summary>
    public static byte[] Fields(IEnumerable<(string Name, string Value)> fields)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            Text(name);
            Text(value);
        }

        return block.ToArray();

        // An integer of seven bits and more (RFC 7541, 5.1), without Huffman coding.
        void Text(string text)
        {
            var length = text.Length;
            if (length < 127)
            {
                block.WriteByte((byte)length);
            }
            else
            {
                block.WriteByte(127);
                for (length -= 127; length >= 128; length >>= 7)
                {
                    block.WriteByte((byte)(length & 127 | 128));
                }

                block.WriteByte((byte)length);
            }

            block.Write(Encoding.ASCII.GetBytes(text));
        }
    }

    /// <summary>The header block of a gRPC call.</summary>
    public static byte[] Call(string method, params IEnumerable<(string Name, string Value)> more) =>
        Fields([(":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "localhost"), ("content-type", "application/grpc"), ("te", "trailers"), .. more]);

    public Task SendAsync(byte type, byte flags, int stream, ReadOnlyMemory<byte> payload, CancellationToken cancellation) => SendAsync(Frame(type, flags, stream, payload.Span), cancellation);

    /// <summary>Sends data as soon as the server's flow control allows it.</summary>
    /// <returns>False where the server ended the stream or the connection instead.</returns>
    public async Task<bool> SendDataAsync(int stream, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        while (true)
        {
            Task news;
            lock (_windows)
            {
                if (_ended.ContainsKey(stream) || _reading.IsCompleted)
                {
                    return false;
                }

                if (_windows[0] >= data.Length && _windows.GetValueOrDefault(stream) + _initialWindow >= data.Length)
                {
                    _windows[0] -= data.Length;
                    _windows[stream] = _windows.GetValueOrDefault(stream) - data.Length;
                    break;
                }

                news = _news.Task;
            }

            await Task.WhenAny(news, _reading).WaitAsync(cancellation);
        }

        await SendAsync(Data, 0, stream, data, cancellation);
        return true;
    }

    /// <summary>Waits for anything new from the server, or the end of the connection.</summary>
    public Task NextFrameAsync(CancellationToken cancellation)
    {
        lock (_windows)
        {
            return Task.WhenAny(_news.Task, _reading).WaitAsync(cancellation);
        }
    }

    /// <summary>Sends bytes as they are: several frames at once, or none.</summary>
    /// <exception cref="SocketException">The server has closed the connection.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
        _sending.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await using var stream = new NetworkStream(_socket);
            var head = new byte[9];
            while (true)
            {
                await stream.ReadExactlyAsync(head);
                var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
                await stream.ReadExactlyAsync(payload);
                Take(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
            }
        }
        catch (Exception problem) when (problem is IOException or SocketException or ObjectDisposedException)
        {
            // Closed, by either side.
        }
    }

    private void Take(byte type, byte flags, int stream, byte[] payload)
    {
        TaskCompletionSource news;
        lock (_windows)
        {
            if (type == Reset || (type is Headers or Data && (flags & EndStream) != 0))
            {
                _ended.TryAdd(stream, payload);
            }
            else if (type == WindowUpdate)
            {
                _windows[stream] = _windows.GetValueOrDefault(stream) + BinaryPrimitives.ReadUInt32BigEndian(payload);
            }
            else if (type == Settings)
            {
                for (var setting = payload.AsSpan(); setting.Length > 0; setting = setting[6..])
                {
                    // SETTINGS_INITIAL_WINDOW_SIZE
                    _initialWindow = BinaryPrimitives.ReadUInt16BigEndian(setting) == 4 ? BinaryPrimitives.ReadUInt32BigEndian(setting[2..]) : _initialWindow;
                }
            }

            (news, _news) = (_news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        news.TrySetResult();
    }
}
