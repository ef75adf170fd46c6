using Poc.LocalHost.Processes;

namespace Poc.LocalHost.Servers;

/// <summary>What every server of the stack is started with.</summary>
/// <param name="Folder">Where its data, settings and log live; made when missing. The same folder again finds its data.</param>
/// <param name="Password">The password that clients must give. It is fixed at the first start in a folder.</param>
public record ServerOptions(string Folder, string Password)
{
    /// <summary>The port on 127.0.0.1; a free one when <see langword="null"/>.</summary>
    public int? Port { get; init; }

    /// <summary>The port of its management pages on 127.0.0.1, where it has such; a free one when <see langword="null"/>.</summary>
    public int? ManagementPort { get; init; }

    /// <summary>The server's log; <c>server.log</c> in its folder when <see langword="null"/>.</summary>
    public string? LogFile { get; init; }

    /// <summary>Where the process is recorded, so that it ends with its launcher.</summary>
    public ProcessLedger? Ledger { get; init; }

    /// <summary>How long a start may take until the server answers. Default 60 seconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    internal string Log => LogFile ?? Path.Combine(Folder, "server.log");
}

/// <summary>A server process on 127.0.0.1 that can be stopped, killed and started again on the same port and data.</summary>
public abstract class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private ChildProcess? _process;

    private protected LocalServer(string name, ServerOptions options) => (Name, Options) = (name, options);

    /// <summary>What the server is called in messages.</summary>
    public string Name { get; }

    /// <summary>The port on 127.0.0.1, the same over every restart.</summary>
    public int Port { get; private protected set; }

    /// <summary>The running process's id; zero while it is stopped.</summary>
    public virtual int Pid => _process is { Exited.IsCompleted: false } running ? running.Identity.Pid : 0;

    /// <summary>Ends when the current process does, with its exit code.</summary>
    public Task<int> Exited => _process?.Exited ?? Task.FromResult(0);

    /// <summary>The server's log file.</summary>
    public string LogFile => Options.Log;

    private protected ServerOptions Options { get; }

    private protected ChildProcess? Process => _process;

    /// <summary>Asks the server whether it serves.</summary>
    /// <returns><see langword="null"/> when it does, else why not.</returns>
    public abstract Task<string?> CheckAsync(CancellationToken cancellation);

    /// <summary>Starts the stopped server on the same port and data and waits until it serves.</summary>
    /// <exception cref="InvalidOperationException">It ended or did not answer in time; the message holds its last log lines.</exception>
    public async Task StartAgainAsync(CancellationToken cancellation = default)
    {
        var deadline = TimeProvider.System.GetUtcNow() + Options.Patience;
        await BeforeStartAsync(cancellation);
        _process = ChildProcess.Start(Command(), Options.Ledger);
        var reason = "it was not asked yet";
        while (TimeProvider.System.GetUtcNow() < deadline)
        {
            if (_process.Exited.IsCompleted)
            {
                // What the processes of a server that was killed have to say may come after the reason.
                var lines = _process.LastLines(100);
                if (!lines.Any(IsPassing))
                {
                    throw Failure($"ended with exit code {await _process.Exited} while starting", [.. lines.TakeLast(8)]);
                }

                _process = ChildProcess.Start(Command(), Options.Ledger);
            }

            reason = await CheckAsync(cancellation);
            if (reason is null)
            {
                return;
            }

            await Task.Delay(Poll, TimeProvider.System, cancellation);
        }

        var last = _process.LastLines(8);
        await KillAsync();
        throw Failure($"did not answer within {Options.Patience.TotalSeconds:0} seconds ({reason})", last);
    }

    /// <summary>Stops the server in order; clients are disconnected, nothing is lost.</summary>
    public virtual async Task StopAsync()
    {
        if (_process is not null)
        {
            await StopProcessAsync(_process, TimeSpan.FromSeconds(15));
        }
    }

    /// <summary>Kills the server with SIGKILL, as a crash would.</summary>
    public virtual async Task KillAsync()
    {
        if (_process is not null)
        {
            await _process.KillAsync();
        }
    }

    /// <summary>Stops the server in order and starts it again on the same port and data.</summary>
    public async Task RestartAsync(CancellationToken cancellation = default)
    {
        await StopAsync();
        await StartAgainAsync(cancellation);
    }

    /// <summary>Stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    private protected virtual Task StopProcessAsync(ChildProcess process, TimeSpan patience) => process.StopAsync(patience);

    private protected virtual Task BeforeStartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Whether a line of the log names a reason for an early end that passes by itself, so that another try is right.</summary>
    private protected virtual bool IsPassing(string line) => false;

    private protected abstract ChildProcessOptions Command();

    private InvalidOperationException Failure(string what, IReadOnlyList<string> lines) =>
        new($"{Name} {what}. Last lines of {LogFile}:{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", lines)}");
}
