using System.Net;
using System.Net.Sockets;

namespace Poc.LocalHost.Processes;

/// <summary>Free ports of the loopback interface.</summary>
public static class LoopbackPorts
{
    // Below the range from which the system takes the ports of outgoing connections (32768–60999 on Linux): nothing else picks from here by itself.
    private const int First = 20_000;
    private const int Last = 32_000;
    private static readonly HashSet<int> Given = [];
    private static readonly Lock Gate = new();

    /// <summary>A port that nobody listens on and that was not given out before by this process.</summary>
    public static int Take()
    {
        lock (Gate)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, Last);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
    }

    /// <summary>Whether a server could listen on this port now, on both loopback addresses.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var four = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            four.Bind(new IPEndPoint(IPAddress.Loopback, port));
            if (Socket.OSSupportsIPv6)
            {
                using var six = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
                six.Bind(new IPEndPoint(IPAddress.IPv6Loopback, port));
            }

            return true;
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressNotAvailable)
        {
            return true; // IPv6 is compiled in but has no loopback address here.
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The port asked for if it is free, or else another.</summary>
    public static int Prefer(int? port) => port is { } wanted && IsFree(wanted) ? wanted : Take();
}
