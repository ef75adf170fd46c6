using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Poc.LocalHost.Processes;

/// <summary>A process that cannot be mistaken for another: its id with the moment it started, because the system uses ids again.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Started">When it started, in the system's own notation (Linux: clock ticks since boot); meaningful only for comparison.</param>
public readonly partial record struct ProcessIdentity(int Pid, string Started)
{
    /// <summary>The identity of a running process, or <see langword="null"/> when there is none with this id (a zombie counts as none).</summary>
    public static ProcessIdentity? Of(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                return new(pid, process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture));
            }
            catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
            {
                return null;
            }
        }

        try
        {
            // The second field is the program's name in brackets and may hold anything: what follows the last bracket is regular.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new(pid, fields[19]);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether this very process still runs.</summary>
    public bool IsAlive => Of(Pid) == this;

    /// <summary>Sends a signal to the process, if it is still this one.</summary>
    /// <param name="signal">The signal's number, as in <see cref="Signals"/>.</param>
    /// <param name="group">Sends it to the whole process group that the process leads; to the process alone in the first moment of its life, when it leads none yet.</param>
    public void Signal(int signal, bool group = false)
    {
        if (IsAlive)
        {
            if (!group || Kill(-Pid, signal) != 0)
            {
                _ = Kill(Pid, signal);
            }
        }
    }

    internal static void SignalGroup(int leader, int signal) => _ = Kill(-leader, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}

/// <summary>The signals that the stand-in sends, by their POSIX numbers.</summary>
public static class Signals
{
    /// <summary>SIGINT: PostgreSQL's fast shutdown, Ctrl-C for everything else.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGKILL: ends at once, nothing is tidied.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM: asks a process to end.</summary>
    public const int Terminate = 15;

    /// <summary>SIGSTOP: freezes a process.</summary>
    public const int Stop = 19;

    /// <summary>SIGCONT: lets a frozen process go on.</summary>
    public const int Continue = 18;
}
