using System.Globalization;
using System.Runtime.InteropServices;
using Garnet;

// Settings come through the environment and not the command line, where every user of the machine could read the password.
var port = Required("POC_GARNET_PORT");
var folder = Required("POC_GARNET_FOLDER");
string[] arguments =
[
    "--bind", "127.0.0.1", "--port", port,
    "--auth", "Password", "--password", Required("POC_GARNET_PASSWORD"),
    "--memory", "256m", "--index", "64m",
    // The append-only file through plain file calls: the default device needs libaio, and without it the process dies at the first write.
    "--aof", "--device-type", "RandomAccess", "--recover", "--aof-size-limit", "256m",
    "--checkpointdir", folder,
    "--lua",
];
using var stop = new ManualResetEventSlim();
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => { context.Cancel = true; stop.Set(); });
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => { context.Cancel = true; stop.Set(); });
using var server = new GarnetServer(arguments);
server.Start();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready on 127.0.0.1:{port}"));
stop.Wait();
return 0;

static string Required(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
    ? value
    : throw new InvalidOperationException($"{name} is not set: this program is started by Poc.LocalHost.");
