using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;

namespace Poc.LocalHost.Running;

/// <summary>
/// A stable port in front of replicas whose ports change: each connection goes to the next replica in turn and stays there. Connections, not
/// requests, are balanced, as Aspire does it.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly List<Socket> _listeners = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<IReadOnlyList<int>> _targets;
    private int _turn = -1;

    private TcpProxy(Func<IReadOnlyList<int>> targets) => _targets = targets;

    /// <summary>Begins to listen on both loopback addresses.</summary>
    /// <param name="port">The stable port.</param>
    /// <param name="targets">The ports of the replicas that run at the moment.</param>
    /// <param name="what">What the port is for, for the message when it is taken.</param>
    /// <exception cref="DistributedApplicationException">Another program listens on the port.</exception>
    public static TcpProxy Listen(int port, Func<IReadOnlyList<int>> targets, string what)
    {
        var proxy = new TcpProxy(targets);
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            try
            {
                var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                proxy._listeners.Add(listener);
                listener.Bind(new IPEndPoint(address, port));
                listener.Listen(512);
                _ = proxy.AcceptAsync(listener);
            }
            catch (SocketException failure) when (address.AddressFamily is AddressFamily.InterNetworkV6 && failure.SocketErrorCode is not SocketError.AddressAlreadyInUse)
            {
                // No IPv6 on this machine: the other address serves.
            }
            catch (SocketException failure)
            {
                proxy._listeners.ForEach(listener => listener.Dispose());
                throw new DistributedApplicationException(
                    $"Port {port}, which {what} is to listen on, cannot be had ({failure.Message}). Free it, or start with --DcpPublisher:RandomizePorts true.");
            }
        }

        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listeners.ForEach(listener => listener.Dispose());
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync(_stop.Token);
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                continue; // The caller was gone before it was served.
            }

            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            if (await ConnectAsync() is not { } server)
            {
                return;
            }

            using (server)
            {
                client.NoDelay = server.NoDelay = true;
                await Task.WhenAll(CopyAsync(client, server), CopyAsync(server, client));
            }
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var targets = _targets();
        for (var attempt = 0; attempt < targets.Count; attempt++)
        {
            var port = targets[(int)((uint)Interlocked.Increment(ref _turn) % targets.Count)];
            var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), _stop.Token);
                return server;
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException)
            {
                server.Dispose();
            }
        }

        return null;
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(64 * 1024);
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
                }
            }

            // The sender is done; the answer may still be on its way.
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Broken on either side: end both, so that both callers notice.
            from.Close(0);
            to.Close(0);
        }
    }
}
