using System.Globalization;
using Npgsql;
using Poc.LocalHost.Processes;

namespace Poc.LocalHost.Servers;

/// <summary>
/// A private PostgreSQL from the machine's own installation: UTF-8, passwords by SCRAM, 127.0.0.1 only and no socket file, every commit on the disk.
/// Where the launcher is root it runs as an unprivileged account, because PostgreSQL refuses root.
/// </summary>
public sealed class PostgresServer : LocalServer
{
    private const string Superuser = "postgres";
    private static readonly string[] Needed = ["initdb", "postgres", "pg_ctl"];

    // fsync, synchronous_commit and full_page_writes stay on, their defaults: what a service acknowledged survives a power cut.
    // 600 connections: four services of several replicas, each with its pool, and the tools beside them.
    private static readonly string[] Settings =
    [
        "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=600", "shared_buffers=256MB", "max_wal_size=2GB",
        "timezone=UTC", "log_timezone=UTC", "jit=off", "logging_collector=off", "log_destination=stderr",
    ];

    private readonly string _bin;
    private readonly string? _user;
    private readonly NpgsqlDataSource _probe;
    private string _data = "";

    private PostgresServer(string bin, ServerOptions options) : base("PostgreSQL", options)
    {
        _bin = bin;
        _user = UnprivilegedUser.ForServers;
        Port = options.Port ?? LoopbackPorts.Take();
        ConnectionString = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username={Superuser};Password={options.Password}");
        _probe = NpgsqlDataSource.Create(ConnectionStringOf("postgres") + ";Pooling=false;Timeout=5;Command Timeout=5");
    }

    /// <summary>The superuser's connection string without a database, in Npgsql's notation.</summary>
    public string ConnectionString { get; }

    /// <summary>The same for one database.</summary>
    public string ConnectionStringOf(string database) => $"{ConnectionString};Database={database}";

    /// <summary>The folder that holds <c>initdb</c>, <c>postgres</c> and <c>pg_ctl</c> together (client tools alone do not count), or <see langword="null"/>.</summary>
    public static string? FindBinaries()
    {
        var versions = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(path => int.TryParse(Path.GetFileName(path), out var version) ? version : 0).Select(path => Path.Combine(path, "bin"))
            : [];
        return Programs.Folders.Concat(versions).FirstOrDefault(folder => Needed.All(program => Programs.IsThere(Path.Combine(folder, program))));
    }

    /// <summary>Why there can be no such server on this machine, or <see langword="null"/> when there can.</summary>
    public static string? MissingReason() =>
        FindBinaries() is null ? "PostgreSQL's server is not installed (initdb, postgres and pg_ctl in one folder of PATH or /usr/lib/postgresql/*/bin)" : null;

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It is not installed, or it did not start; the message says why.</exception>
    public static async Task<PostgresServer> StartAsync(ServerOptions options, CancellationToken cancellation = default)
    {
        var server = new PostgresServer(FindBinaries() ?? throw new InvalidOperationException(MissingReason()), options);
        await server.StartAgainAsync(cancellation);
        return server;
    }

    /// <summary>Creates a database unless it exists.</summary>
    public async Task EnsureDatabaseAsync(string name, CancellationToken cancellation = default)
    {
        await using var exists = _probe.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        exists.Parameters.AddWithValue(name);
        if (await exists.ExecuteScalarAsync(cancellation) is null)
        {
            await using var create = _probe.CreateCommand($"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
            await create.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public override async Task<string?> CheckAsync(CancellationToken cancellation)
    {
        try
        {
            await using var command = _probe.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellation);
            return null;
        }
        catch (NpgsqlException failure)
        {
            return failure.InnerException?.Message ?? failure.Message;
        }
    }

    // Fast shutdown: open transactions are rolled back, clients disconnected. The polite signal would wait for them for ever.
    private protected override Task StopProcessAsync(ChildProcess process, TimeSpan patience) => process.StopAsync(patience, Signals.Interrupt);

    private protected override bool IsPassing(string line) =>
        // After a SIGKILL the old server's children need a moment to notice.
        line.Contains("pre-existing shared memory block", StringComparison.Ordinal) || line.Contains("lock file \"postmaster.pid\" already exists", StringComparison.Ordinal);

    private protected override async Task BeforeStartAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Options.Folder);
        Directory.CreateDirectory(Path.GetDirectoryName(LogFile)!);
        var folder = await UnprivilegedUser.OwnFolderAsync(Path.Combine(Options.Folder, "data"), _user, cancellation);
        _data = Path.Combine(folder, "cluster");
        if (!Directory.Exists(_data))
        {
            await InitialiseAsync(folder, cancellation);
        }

        var (_, version) = await UnprivilegedUser.RunAsync(null, [Path.Combine(_bin, "postgres"), "--version"], cancellation);
        var made = (await File.ReadAllTextAsync(Path.Combine(_data, "PG_VERSION"), cancellation)).Trim();
        if (!version.Contains($" {made}.", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The data in {_data} were made by PostgreSQL {made}, but {_bin} holds {version.Trim()}. Start with --reset to begin anew.");
        }
    }

    private protected override ChildProcessOptions Command() => new(
        "postgres", Path.Combine(_bin, "postgres"),
        ["-D", _data, "-p", Port.ToString(CultureInfo.InvariantCulture), .. Settings.SelectMany(setting => (string[])["-c", setting])])
    {
        LogFile = LogFile,
        User = _user,
        Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8", ["PGDATA"] = null },
    };

    private async Task InitialiseAsync(string folder, CancellationToken cancellation)
    {
        // The password reaches initdb through a file that only its account can read.
        var (passwordCode, passwordOutput) = await UnprivilegedUser.RunAsync(_user, ["sh", "-c", "umask 077; cat > \"$1/password\"", "sh", folder], cancellation, Options.Password + "\n");
        if (passwordCode != 0)
        {
            throw new InvalidOperationException($"{folder} cannot be written: {passwordOutput.Trim()}");
        }

        // Made beside and renamed when whole, so that a broken-off first start is not taken for data.
        const string script =
            """
            cd "$1" || exit 1
            for locale in C.UTF-8 en_US.UTF-8; do
              rm -rf new
              "$2/initdb" -D new -U "$3" -A scram-sha-256 --pwfile=password -E UTF8 --locale=$locale --no-instructions && rm password && mv new cluster && exit 0
            done
            exit 1
            """;
        var (code, output) = await UnprivilegedUser.RunAsync(_user, ["sh", "-c", script, "sh", folder, _bin, Superuser], cancellation);
        if (code != 0)
        {
            throw new InvalidOperationException($"initdb failed: {output.Trim()}");
        }
    }
}
