using System.Diagnostics;
using System.Globalization;

namespace Poc.LocalHost.Processes;

/// <summary>
/// The list of processes that this launcher started, kept in a file, with a guard beside it: a shell that waits for the launcher's end and then
/// ends whatever is still on the list. So a crash or kill -9 of the launcher leaves nothing behind; should the guard die too, the next launcher
/// reads the file and does it.
/// </summary>
public sealed class ProcessLedger : IDisposable
{
    // The guard's input is a pipe of which the launcher holds the only other end: it ends when the launcher does, however that happens.
    // $1 is the ledger, $2 the seconds between asking and killing, $3 a folder to remove afterwards or empty.
    private const string Guard =
        """
        trap '' INT HUP TERM
        cat >/dev/null
        signal() {
          while read -r pid started name; do
            stat=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
            set -- "$1" ${stat##*) }
            shift 20
            if [ "$1" = "$started" ]; then kill "-$SIGNAL" "-$pid" 2>/dev/null || kill "-$SIGNAL" "$pid" 2>/dev/null; alive=1; fi
          done < "$LEDGER"
        }
        LEDGER=$1; patience=$2; folder=$3
        [ -f "$LEDGER" ] || exit 0
        while [ "$patience" -gt 0 ]; do
          alive=0; SIGNAL=TERM; [ "$patience" = "$2" ] || SIGNAL=0; signal
          [ "$alive" = 1 ] || break
          patience=$((patience - 1)); sleep 1
        done
        SIGNAL=KILL; signal
        if [ -n "$folder" ]; then sleep 0.2; rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }; else rm -f "$LEDGER"; fi
        """;

    private readonly string _file;
    private readonly Process? _guard;
    private readonly Lock _lock = new();
    private readonly List<(ProcessIdentity Process, string Name)> _entries = [];

    private ProcessLedger(string file, Process? guard) => (_file, _guard) = (file, guard);

    /// <summary>Opens a ledger. What an earlier launcher left running is not touched: call <see cref="EndLeftovers"/> first.</summary>
    /// <param name="file">Where the list is kept.</param>
    /// <param name="patience">How long the guard waits between asking processes to end and killing them; zero kills at once. Whole seconds.</param>
    /// <param name="folderToRemove">A folder that the guard removes when all are gone; <see langword="null"/> keeps everything.</param>
    public static ProcessLedger Open(string file, TimeSpan patience, string? folderToRemove = null)
    {
        File.WriteAllText(file, "");
        if (!OperatingSystem.IsLinux())
        {
            return new(file, null);
        }

        // In a session of its own: Ctrl-C in the terminal is for the launcher, which then stops its children in order.
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = "/" };
        foreach (var argument in (string[])["sh", "-c", "exec sh -c \"$0\" sh \"$@\" >/dev/null 2>&1", Guard, file,
            ((int)patience.TotalSeconds).ToString(CultureInfo.InvariantCulture), folderToRemove ?? ""])
        {
            start.ArgumentList.Add(argument);
        }

        return new(file, Process.Start(start));
    }

    /// <summary>Ends the processes that a dead launcher's ledger still names.</summary>
    /// <returns>The names of those that were still running.</returns>
    public static async Task<IReadOnlyList<string>> EndLeftovers(string file, TimeSpan patience, CancellationToken cancellation)
    {
        var left = Read(file).Where(entry => entry.Process.IsAlive).ToList();
        foreach (var (process, _) in left)
        {
            process.Signal(Signals.Terminate, group: true);
        }

        var deadline = TimeProvider.System.GetUtcNow() + patience;
        while (left.Exists(entry => entry.Process.IsAlive) && TimeProvider.System.GetUtcNow() < deadline)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellation);
        }

        foreach (var (process, _) in left)
        {
            process.Signal(Signals.Kill, group: true);
        }

        return [.. left.Select(entry => entry.Name)];
    }

    /// <summary>The processes that a ledger names, running or not; none when there is no such file.</summary>
    public static IEnumerable<(ProcessIdentity Process, string Name)> Read(string file)
    {
        if (!File.Exists(file))
        {
            yield break;
        }

        foreach (var line in File.ReadAllLines(file))
        {
            if (line.Split(' ', 3) is [var pid, var started, var name] && int.TryParse(pid, CultureInfo.InvariantCulture, out var id))
            {
                yield return (new(id, started), name);
            }
        }
    }

    internal void Add(ProcessIdentity process, string name) => Change(() => _entries.Add((process, name)));

    internal void Remove(ProcessIdentity process) => Change(() => _entries.RemoveAll(entry => entry.Process == process));

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            if (!Directory.Exists(Path.GetDirectoryName(_file)))
            {
                return;
            }

            // Latest first: what depends on a server is asked to end before the server.
            File.WriteAllLines(_file + ".new", _entries.AsEnumerable().Reverse().Select(entry =>
                string.Create(CultureInfo.InvariantCulture, $"{entry.Process.Pid} {entry.Process.Started} {entry.Name}")));
            File.Move(_file + ".new", _file, overwrite: true);
        }
    }

    /// <summary>Dismisses the guard, which ends what is still on the list, and waits for it.</summary>
    public void Dispose()
    {
        if (_guard is not null)
        {
            _guard.StandardInput.Close();
            _guard.WaitForExit(TimeSpan.FromSeconds(30));
            _guard.Dispose();
        }
    }
}
