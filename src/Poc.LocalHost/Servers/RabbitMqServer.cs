using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Poc.LocalHost.Processes;

namespace Poc.LocalHost.Servers;

/// <summary>
/// A private RabbitMQ from the machine's own installation, with its management plugin: own node, ports, folders and cookie, everything on 127.0.0.1.
/// Erlang's port mapper (epmd) is started and ended with it, because the one that the node would start outlives it.
/// </summary>
public sealed class RabbitMqServer : LocalServer
{
    private const string User = "poc";

    // RabbitMQ 3.10 writes down late which queues it has: its register of quorum queues (dets) when nobody has looked at it for a while, its definitions (mnesia) with
    // the next full buffer. A node that is killed before that comes back without those queues' leaders, and nothing published to them is ever confirmed.
    // So both are written ten times a second.
    private const string WriteDown = "spawn(fun()->Loop=fun(Again)->timer:sleep(100),[dets:sync(T)||T<-dets:all()],spawn(mnesia,sync_log,[]),Again(Again)end,Loop(Loop)end).";

    private readonly string _program;
    private readonly int _distributionPort = LoopbackPorts.Take();
    private ChildProcess? _epmd;
    private int _epmdPort;

    private RabbitMqServer(string program, ServerOptions options) : base("RabbitMQ", options)
    {
        _program = program;
        Port = options.Port ?? LoopbackPorts.Take();
        ManagementPort = options.ManagementPort ?? LoopbackPorts.Take();
        Uri = string.Create(CultureInfo.InvariantCulture, $"amqp://{User}:{System.Uri.EscapeDataString(options.Password)}@127.0.0.1:{Port}");
    }

    /// <summary>The port of the management pages and API on 127.0.0.1; user and password are those of <see cref="Uri"/>.</summary>
    public int ManagementPort { get; }

    /// <summary>The AMQP address with user and password.</summary>
    public string Uri { get; }

    /// <summary>The same as <see cref="Uri"/>: RabbitMQ's connection string is its address.</summary>
    public string ConnectionString => Uri;

    /// <summary>The node's process id, of which the shell script that starts it is only the parent; zero while it is stopped.</summary>
    public override int Pid => base.Pid == 0 ? 0
        : File.Exists(PidFile) && int.TryParse(File.ReadAllText(PidFile).Trim(), CultureInfo.InvariantCulture, out var pid) ? pid : base.Pid;

    /// <summary>The server's start script, or <see langword="null"/>. Debian's wrapper in /usr/sbin does not count: it switches accounts and folders.</summary>
    public static string? FindProgram()
    {
        const string packaged = "/usr/lib/rabbitmq/bin/rabbitmq-server";
        return Programs.IsThere(packaged)
            ? packaged
            : Programs.Folders.Where(folder => folder is not ("/usr/sbin" or "/sbin")).Select(folder => Path.Combine(folder, "rabbitmq-server")).FirstOrDefault(Programs.IsThere);
    }

    /// <summary>Why there can be no such server on this machine, or <see langword="null"/> when there can.</summary>
    public static string? MissingReason() =>
        FindProgram() is null ? "RabbitMQ is not installed (/usr/lib/rabbitmq/bin/rabbitmq-server or PATH)"
        : Epmd() is null ? "RabbitMQ is installed without Erlang's epmd" : null;

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It is not installed, or it did not start; the message says why.</exception>
    public static async Task<RabbitMqServer> StartAsync(ServerOptions options, CancellationToken cancellation = default)
    {
        if (MissingReason() is { } reason)
        {
            throw new InvalidOperationException(reason);
        }

        var server = new RabbitMqServer(FindProgram()!, options);
        await server.StartAgainAsync(cancellation);
        return server;
    }

    /// <summary>Logs in as a client would, up to the broker's own proposal of limits: it comes only after user and password were accepted.</summary>
    public override async Task<string?> CheckAsync(CancellationToken cancellation)
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(TimeSpan.FromSeconds(5));
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port, timeout.Token);
            await using var stream = client.GetStream();
            await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), timeout.Token);
            if (await ReadMethodAsync(stream, timeout.Token) is not (10, 10))
            {
                return "it does not speak AMQP 0-9-1";
            }

            await stream.WriteAsync(StartOk(User, Options.Password), timeout.Token);
            return await ReadMethodAsync(stream, timeout.Token) is (10, 30) ? null : "it refused the login";
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

    /// <inheritdoc/>
    public override async Task StopAsync()
    {
        await base.StopAsync();
        await EndEpmdAsync();
    }

    /// <inheritdoc/>
    public override async Task KillAsync()
    {
        await base.KillAsync();
        await EndEpmdAsync();
    }

    private protected override async Task BeforeStartAsync(CancellationToken cancellation)
    {
        foreach (var folder in (string[])["home", "data", "log"])
        {
            Directory.CreateDirectory(InFolder(folder));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(LogFile)!);
        await File.WriteAllTextAsync(InFolder("enabled_plugins"), "[rabbitmq_management].\n", cancellation);
        await File.WriteAllTextAsync(InFolder("rabbitmq-env.conf"), "", cancellation);
        await WritePrivateAsync(InFolder("rabbitmq.conf"), string.Create(CultureInfo.InvariantCulture,
            $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {ManagementPort}
            default_user = {User}
            default_pass = {Options.Password}
            disk_free_limit.absolute = 200MB
            log.console = true
            log.file = false

            """), cancellation);
        File.Delete(PidFile);
        await EndEpmdAsync();
        _epmdPort = LoopbackPorts.Take();
        _epmd = ChildProcess.Start(new("epmd", Epmd()!, ["-address", "127.0.0.1", "-port", _epmdPort.ToString(CultureInfo.InvariantCulture)])
        {
            LogFile = InFolder("log/epmd.log"),
        }, Options.Ledger);
    }

    // The node itself is asked: the script around it would start a whole command-line tool to do the same.
    private protected override async Task StopProcessAsync(ChildProcess process, TimeSpan patience)
    {
        if (ProcessIdentity.Of(Pid) is { } node && node.Pid != process.Identity.Pid)
        {
            node.Signal(Signals.Terminate);
            await Task.WhenAny(process.Exited, Task.Delay(patience, TimeProvider.System));
        }

        await process.StopAsync(patience);
    }

    private protected override ChildProcessOptions Command() => new("rabbitmq", _program, [])
    {
        LogFile = LogFile,
        WorkingFolder = InFolder("home"),
        Environment = new Dictionary<string, string?>
        {
            ["HOME"] = InFolder("home"),
            ["RABBITMQ_NODENAME"] = "poc@localhost",
            ["RABBITMQ_MNESIA_BASE"] = InFolder("data"),
            ["RABBITMQ_LOG_BASE"] = InFolder("log"),
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_CONFIG_FILE"] = InFolder("rabbitmq.conf"),
            ["RABBITMQ_CONF_ENV_FILE"] = InFolder("rabbitmq-env.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = InFolder("enabled_plugins"),
            ["RABBITMQ_PID_FILE"] = PidFile,
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = $"-kernel inet_dist_use_interface {{127,0,0,1}} -eval {WriteDown}",
            ["ERL_EPMD_PORT"] = _epmdPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        },
    };

    private string PidFile => InFolder("rabbitmq.pid");

    private string InFolder(string name) => Path.GetFullPath(Path.Combine(Options.Folder, name));

    private async Task EndEpmdAsync()
    {
        if (_epmd is not null)
        {
            // It refuses to end while it believes in a node, so it is not asked.
            await _epmd.KillAsync();
            _epmd = null;
        }
    }

    private static string? Epmd() => Programs.Find("epmd")
        ?? (Directory.Exists("/usr/lib/erlang") ? Directory.EnumerateFiles("/usr/lib/erlang", "epmd", SearchOption.AllDirectories).FirstOrDefault() : null);

    private static async Task WritePrivateAsync(string file, string text, CancellationToken cancellation)
    {
        await using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
    }

    // AMQP 0-9-1, 4.2.3: type (1 octet), channel (2), size (4), payload, frame end (1); a method's payload begins with class and method (2 + 2).
    private static async Task<(int Class, int Method)> ReadMethodAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var header = new byte[7];
        await stream.ReadExactlyAsync(header, cancellation);
        if (header[0] != 1)
        {
            return default;
        }

        var payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(3)) + 1];
        await stream.ReadExactlyAsync(payload, cancellation);
        return (BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(2)));
    }

    private static byte[] StartOk(string user, string password)
    {
        var secret = Encoding.UTF8.GetBytes($"\0{user}\0{password}");
        using var payload = new MemoryStream();
        payload.Write([0, 10, 0, 11, 0, 0, 0, 0]); // connection.start-ok with an empty table of client properties
        payload.Write([5, .. "PLAIN"u8]);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, secret.Length);
        payload.Write(length);
        payload.Write(secret);
        payload.Write([5, .. "en_US"u8]);
        var body = payload.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(length, body.Length);
        return [1, 0, 0, .. length, .. body, 0xCE];
    }
}
