using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Hosting;
using Poc.LocalHost.Processes;

namespace Poc.LocalHost.Running;

/// <summary>
/// The folder in which a checkout keeps what outlives a run: data, logs, generated passwords, ports and keys. One launcher at a time holds it.
/// </summary>
internal sealed class StateFolder : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly FileStream _lock;
    private readonly Lock _gate = new();

    private StateFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The list of processes that this checkout's launcher started.</summary>
    public string LedgerFile => In("processes");

    /// <summary>Takes the folder for this launcher, for as long as it lives.</summary>
    /// <param name="path">The folder; made when missing.</param>
    /// <param name="reset">Removes everything that earlier runs left.</param>
    /// <exception cref="DistributedApplicationException">Another launcher holds it; the message says which and where it is seen.</exception>
    public static StateFolder Take(string path, bool reset)
    {
        path = System.IO.Path.GetFullPath(path);
        // Others of the machine may pass through to what is theirs, a server's data, and look into nothing.
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_001_001);
        var lockFile = System.IO.Path.Combine(path, "lock");
        var holder = System.IO.Path.Combine(path, "launcher");
        FileStream held;
        try
        {
            held = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            var who = File.Exists(holder) ? File.ReadAllText(holder).Trim() : "it is just starting";
            throw new DistributedApplicationException($"This checkout's stack is running already ({who}). Stop that one with Ctrl-C first; its data are in {path}.");
        }

        var state = new StateFolder(path, held);
        state.SayWhere(null);
        if (reset)
        {
            state.Wipe();
        }

        Directory.CreateDirectory(state.In("logs"), Private | UnixFileMode.UserExecute);
        return state;
    }

    /// <summary>A path below the folder.</summary>
    public string In(params ReadOnlySpan<string> names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>The log file of a process.</summary>
    public string LogOf(string name) => In("logs", name + ".log");

    /// <summary>A secret of this checkout: made at first use, then the same at every run.</summary>
    public string Secret(string name) => Remember("secrets.json", name, () => RandomNumberGenerator.GetHexString(32, lowercase: true));

    /// <summary>A port of this checkout: the same at every run while it is free.</summary>
    public int Port(string name)
    {
        var remembered = int.Parse(Remember("ports.json", name, () => LoopbackPorts.Take().ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
        if (LoopbackPorts.IsFree(remembered))
        {
            return remembered;
        }

        var other = LoopbackPorts.Take();
        Write("ports.json", values => values[name] = other.ToString(CultureInfo.InvariantCulture));
        return other;
    }

    /// <summary>Leaves word for a second launcher, where this one can be seen.</summary>
    public void SayWhere(string? statusPage) => File.WriteAllText(In("launcher"),
        string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId}{(statusPage is null ? "" : $", status page {statusPage}")}"));

    public void Dispose()
    {
        File.Delete(In("launcher"));
        _lock.Dispose();
    }

    private void Wipe()
    {
        ProcessLedger.EndLeftovers(LedgerFile, TimeSpan.FromSeconds(10), CancellationToken.None).GetAwaiter().GetResult();
        foreach (var entry in Directory.EnumerateFileSystemEntries(Path).Where(entry => System.IO.Path.GetFileName(entry) is not ("lock" or "launcher")))
        {
            if (File.Exists(entry))
            {
                File.Delete(entry);
                continue;
            }

            UnprivilegedUser.RemoveFolder(System.IO.Path.Combine(entry, "data"));
            Directory.Delete(entry, recursive: true);
        }
    }

    private string Remember(string file, string name, Func<string> make)
    {
        string? value = null;
        Write(file, values => value = values.TryGetValue(name, out var known) ? known : values[name] = make());
        return value!;
    }

    private void Write(string file, Action<SortedDictionary<string, string>> change)
    {
        lock (_gate)
        {
            var path = In(file);
            var values = File.Exists(path) ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(path))! : [];
            change(values);
            using (var stream = new FileStream(path + ".new", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private }))
            {
                JsonSerializer.Serialize(stream, values);
            }

            File.Move(path + ".new", path, overwrite: true);
        }
    }
}
