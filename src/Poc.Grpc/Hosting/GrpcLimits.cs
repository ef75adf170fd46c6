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
}
