using System.ComponentModel.DataAnnotations;

namespace Poc.Grpc;

/// <summary>What a server takes from one call; configuration section <c>Grpc</c>.</summary>
public sealed class GrpcLimits
{
    /// <summary>
    /// Largest message in either direction, in bytes after decompression. Default 4 MiB, the default of gRPC clients. More: RESOURCE_EXHAUSTED
    /// MESSAGE_TOO_LARGE.
    /// </summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Largest size of all request headers together, in bytes. Default 16 KiB. More: the connection's stream is reset before anything is read.
    /// </summary>
    [Range(1024, 64 * 1024)]
    public int MaxHeaderBytes { get; init; } = 16 * 1024;

    /// <summary>Time for a call that is not a stream and whose client set no deadline. Default 30 s. After it: DEADLINE_EXCEEDED.</summary>
    public TimeSpan DefaultDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time a client can set for a call that is not a stream; a longer one is shortened to it. Default 2 min.</summary>
    public TimeSpan MaxDeadline { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The longest time of a stream from the server or in both directions, and the time of one whose client set none. Default 1 h. After it: DEADLINE_EXCEEDED, and the client
    /// begins anew where it was.
    /// </summary>
    public TimeSpan MaxStreamDeadline { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The longest time that a stream waits for its client: for the next message to be whole, however many bytes of it come meanwhile, or for what was sent to be taken. Default 30 s.
    /// After it: DEADLINE_EXCEEDED STREAM_SILENT, or the stream is reset where the client takes nothing.
    /// </summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What the messages of one caller's calls in progress may take together, in bytes; a message counts from its 64th KiB on and until its call ends. Default 32 MiB. More:
    /// RESOURCE_EXHAUSTED TOO_MUCH_AT_ONCE.
    /// </summary>
    [Range(1024 * 1024, long.MaxValue)]
    public long MaxHeldBytesOfCaller { get; init; } = 32 * 1024 * 1024;

    /// <summary>The same of all callers together. Default 256 MiB.</summary>
    [Range(1024 * 1024, long.MaxValue)]
    public long MaxHeldBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Connections at once, of all clients together. Default 4,096. More are closed as they come.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 4_096;

    /// <summary>
    /// Quiet time after which an HTTP/2 client is asked whether it is still there (PING); one that does not answer for as long again is disconnected. Default 30 s.
    /// </summary>
    public TimeSpan PingAfter { get; init; } = TimeSpan.FromSeconds(30);
}
