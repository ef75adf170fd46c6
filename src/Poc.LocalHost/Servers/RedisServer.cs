using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Poc.LocalHost.Processes;

namespace Poc.LocalHost.Servers;

/// <summary>
/// A private server of the Redis protocol: Microsoft.Garnet in a process of its own, with password, Lua and an append-only file. Nothing has to be
/// installed. It has no streams, keyspace notifications, client tracking nor functions: use Lua and publish/subscribe, which Redis has too.
/// </summary>
public sealed class RedisServer : LocalServer
{
    private static readonly string Program = typeof(RedisServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "GarnetProgram").Value!;

    private RedisServer(ServerOptions options) : base("Redis (Garnet)", options)
    {
        Port = options.Port ?? LoopbackPorts.Take();
        ConnectionString = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port},password={options.Password}");
    }

    /// <summary>The connection string in StackExchange.Redis' notation.</summary>
    public string ConnectionString { get; }

    /// <summary>The same as a URI.</summary>
    public string Uri => string.Create(CultureInfo.InvariantCulture, $"redis://:{System.Uri.EscapeDataString(Options.Password)}@127.0.0.1:{Port}");

    /// <summary>Why there can be no such server on this machine, or <see langword="null"/> when there can.</summary>
    public static string? MissingReason() => File.Exists(Program) ? null : $"{Program} is not built";

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It is not built, or it did not start; the message says why.</exception>
    public static async Task<RedisServer> StartAsync(ServerOptions options, CancellationToken cancellation = default)
    {
        if (MissingReason() is { } reason)
        {
            throw new InvalidOperationException(reason);
        }

        var server = new RedisServer(options);
        await server.StartAgainAsync(cancellation);
        return server;
    }

    /// <inheritdoc/>
    public override async Task<string?> CheckAsync(CancellationToken cancellation)
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(TimeSpan.FromSeconds(5));
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port, timeout.Token);
            await using var stream = client.GetStream();
            var password = Encoding.UTF8.GetByteCount(Options.Password);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"*2\r\n$4\r\nAUTH\r\n${password}\r\n{Options.Password}\r\n*1\r\n$4\r\nPING\r\n")), timeout.Token);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            string?[] answers = [await reader.ReadLineAsync(timeout.Token), await reader.ReadLineAsync(timeout.Token)];
            return answers is ["+OK", "+PONG"] ? null : $"it answered {answers[0]} {answers[1]}";
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return failure.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "it did not answer within 5 seconds";
        }
    }

    private protected override Task BeforeStartAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Options.Folder);
        Directory.CreateDirectory(Path.GetDirectoryName(LogFile)!);
        return Task.CompletedTask;
    }

    private protected override ChildProcessOptions Command() => new("redis", Programs.Dotnet, [Program])
    {
        LogFile = LogFile,
        WorkingFolder = Options.Folder,
        Environment = new Dictionary<string, string?>
        {
            ["POC_GARNET_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["POC_GARNET_FOLDER"] = Path.GetFullPath(Path.Combine(Options.Folder, "data")),
            ["POC_GARNET_PASSWORD"] = Options.Password,
            // A cache beside five other processes: keep the heap small rather than fast.
            ["DOTNET_gcServer"] = "0",
            ["DOTNET_TieredPGO"] = "0",
        },
    };
}
