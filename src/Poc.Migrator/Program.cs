using System.Net.Sockets;
using Npgsql;
using Poc.Migrator;
using Poc.Postgres;

const string Help = """
    Brings the databases of the services to the schema of this version, then ends.

    Usage: Poc.Migrator [--ConnectionStrings:<name>=<connection string> …]

    Names: intakedb, archivekeys, archivedb, reviewdb, notificationdb. Each one that is configured is migrated, the
    others are left out. The environment works as well: ConnectionStrings__intakedb='Host=…;Database=…'.
    The databases themselves must exist. Running it again, or several at once, is harmless.

    Options:
      --wait=<seconds>  how long to wait for a server that does not answer yet (default 30)
      --help            this text

    Exit codes: 0 all is up to date, 1 a database could not be migrated, 2 wrong usage.
    """;

if (args.Any(arg => arg is "--help" or "-h" or "-?"))
{
    Console.WriteLine(Help);
    return 0;
}

if (args.FirstOrDefault(arg => !arg.StartsWith("--", StringComparison.Ordinal) || !arg.Contains('=', StringComparison.Ordinal)) is { } strange)
{
    Console.Error.WriteLine($"'{strange}' is not understood.\n\n{Help}");
    return 2;
}

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning).AddFilter("Poc", LogLevel.Information);
var waitText = builder.Configuration["wait"] ?? "30";
if (!int.TryParse(waitText, out var wait) || wait is < 0 or > 3600)
{
    Console.Error.WriteLine($"--wait={waitText}: a number of seconds from 0 to 3600 is needed.");
    return 2;
}

var configured = ServiceDatabases.Names
    .Select(name => (Name: name, ConnectionString: builder.Configuration.GetConnectionString(name)))
    .Where(database => !string.IsNullOrWhiteSpace(database.ConnectionString))
    .ToList();
if (configured.Count == 0)
{
    Console.Error.WriteLine($"No database is configured.\n\n{Help}");
    return 2;
}

using var host = builder.Build();
var log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Poc.Migrator");
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) => { pressed.Cancel = true; stop.Cancel(); };

var failures = 0;
foreach (var (name, connectionString) in configured)
{
    try
    {
        var applied = await new Migrator(TimeProvider.System, log).MigrateAsync(name, connectionString!, TimeSpan.FromSeconds(wait), stop.Token);
        log.LogInformation("{Database}: up to date, {Count} scripts applied", name, applied);
    }
    catch (Exception problem) when (problem is MigrationException or NpgsqlException or SocketException or ArgumentException)
    {
        log.LogError("{Database}: {Reason}", name, problem.Message);
        failures++;
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        log.LogError("{Database}: interrupted; what was applied stays applied", name);
        return 1;
    }
}

return failures == 0 ? 0 : 1;
