using System.Globalization;
using Poc.Kernel.Notes;
using Poc.LocalHost.Processes;
using Poc.Testing;
using Poc.Witness;

namespace Poc.StatementArchive.Tests.Witnesses;

/// <summary>poc-witness as a partner runs it: a process of its own with a folder of its own.</summary>
internal sealed class RunningWitness : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Servers.Folder, $"witness-{Guid.CreateVersion7():N}");
    private ChildProcess? _process;

    public RunningWitness(params NoteKey[] logs)
    {
        Folder = new WitnessFolder(_folder);
        Key = Folder.Create("witness.example");
        foreach (var log in logs)
        {
            Folder.Trust(log);
        }
    }

    public WitnessFolder Folder { get; }

    public NoteKey Key { get; }

    public string Url { get; } = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPorts.Take()}");

    /// <summary>What an archive is told of it, and that it shall not wait long.</summary>
    public Dictionary<string, string?> Settings => SettingsOf(Key, Url);

    public static Dictionary<string, string?> SettingsOf(NoteKey key, string url) => new()
    {
        ["Log:Witnesses:0:VerifierKey"] = key.ToString(),
        ["Log:Witnesses:0:Url"] = url,
        ["Log:WitnessIntervalMs"] = "50",
        ["Log:WitnessPatienceSeconds"] = "1",
    };

    public void Start() => _process = ChildProcess.Start(
        new ChildProcessOptions("witness", "dotnet", [typeof(WitnessCommand).Assembly.Location, "serve", _folder, "--url", Url])
        {
            WorkingFolder = _folder,
            LogFile = Path.Combine(_folder, "log"),
        }, Servers.Processes);

    public Task KillAsync() => _process!.KillAsync();

    /// <summary>The largest tree that it cosigned.</summary>
    public WitnessedTree Known()
    {
        using var log = Folder.Logs(toCosign: false).Single();
        return log.Tree;
    }

    /// <summary>Makes it know a tree, before it is started.</summary>
    public void Teach(long size, byte[] root)
    {
        using var log = Folder.Logs(toCosign: true).Single();
        log.Keep(new WitnessedTree(size, root, TimeProvider.System.GetUtcNow()));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.KillAsync();
        }
    }
}
