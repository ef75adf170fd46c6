using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Poc.LocalHost.Processes;

/// <summary>How to start a <see cref="ChildProcess"/>.</summary>
/// <param name="Name">What the process is called in messages and in the ledger.</param>
/// <param name="Program">The program's path.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record ChildProcessOptions(string Name, string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>The working folder; the root folder when not given.</summary>
    public string WorkingFolder { get; init; } = "/";

    /// <summary>Where standard output and standard error go. The file is made anew at each start of the process when it has grown over 8 MB.</summary>
    public required string LogFile { get; init; }

    /// <summary>Changes to the launcher's own environment; <see langword="null"/> removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The account to run as; the launcher's own when <see langword="null"/>.</summary>
    public string? User { get; init; }
}

/// <summary>
/// A process of the stack: leader of its own session, so that a Ctrl-C in the terminal does not reach it before its turn and everything it starts
/// can be ended with it; its output goes straight into a file, so that no launcher is needed for it to be written.
/// </summary>
public sealed partial class ChildProcess
{
    private const long LogLimit = 8 * 1024 * 1024;
    private readonly Process _process;

    private ChildProcess(Process process, ChildProcessOptions options, ProcessLedger? ledger)
    {
        _process = process;
        Options = options;
        Identity = ProcessIdentity.Of(process.Id) ?? new(process.Id, "ended");
        ledger?.Add(Identity, options.Name);
        Exited = WaitAsync(ledger);
    }

    /// <summary>What it was started with.</summary>
    public ChildProcessOptions Options { get; }

    /// <summary>The process and its start.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>The exit code, when it has ended; 128 + n where signal n ended it.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a process.</summary>
    /// <exception cref="InvalidOperationException">The shell that starts it could not be started. A missing program shows as exit code 127.</exception>
    public static ChildProcess Start(ChildProcessOptions options, ProcessLedger? ledger = null)
    {
        if (File.Exists(options.LogFile) && new FileInfo(options.LogFile).Length > LogLimit)
        {
            File.Move(options.LogFile, options.LogFile + ".1", overwrite: true);
        }

        // Each of these replaces itself by the next, so the process id stays that of the program.
        List<string> command = ["/bin/sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", options.LogFile];
        if (Programs.Find("setsid") is { } setsid)
        {
            command.Add(setsid);
        }

        command.AddRange(UnprivilegedUser.Prefix(options.User));
        // A shell drops variables whose names it could not use itself, such as those with a hyphen: they come after it.
        var unusual = options.Environment.Where(variable => variable.Value is not null && !ShellName().IsMatch(variable.Key)).ToList();
        if (unusual.Count > 0)
        {
            command.AddRange(["/usr/bin/env", .. unusual.Select(variable => $"{variable.Key}={variable.Value}")]);
        }

        command.Add(options.Program);
        command.AddRange(options.Arguments);

        var start = new ProcessStartInfo(command[0]) { UseShellExecute = false, WorkingDirectory = options.WorkingFolder };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in options.Environment)
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        return new(Process.Start(start) ?? throw new InvalidOperationException($"{options.Name} could not be started."), options, ledger);
    }

    /// <summary>Asks the process to end, kills it when its time is over, and ends whatever it started itself.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(TimeSpan patience, int signal = Signals.Terminate)
    {
        if (!Exited.IsCompleted)
        {
            Identity.Signal(signal);
            try
            {
                await Exited.WaitAsync(patience, TimeProvider.System);
            }
            catch (TimeoutException)
            {
                await KillAsync();
            }
        }

        ProcessIdentity.SignalGroup(Identity.Pid, Signals.Kill);
        return await Exited;
    }

    /// <summary>Ends the process and everything it started with SIGKILL, as a crash would.</summary>
    public async Task KillAsync()
    {
        Identity.Signal(Signals.Kill, group: true);
        Identity.Signal(Signals.Kill);
        await Exited;
    }

    /// <summary>The last lines it wrote.</summary>
    public IReadOnlyList<string> LastLines(int count = 20) => LogTail.Read(Options.LogFile, count);

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex ShellName();

    private async Task<int> WaitAsync(ProcessLedger? ledger)
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        var code = _process.ExitCode;
        ledger?.Remove(Identity);
        _process.Dispose();
        return code;
    }
}
