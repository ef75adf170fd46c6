using System.Security.Cryptography;
using Poc.Kernel.Notes;

namespace Poc.Witness;

/// <summary>All that a witness keeps: its key (<c>key</c>, for its owner's eyes) and a file for each log (<c>logs/</c>).</summary>
internal sealed class WitnessFolder(string path)
{
    private const int SeedSize = 32;

    private string KeyFile => Path.Combine(path, "key");

    private string LogsFolder => Path.Combine(path, "logs");

    /// <summary>Makes the folder with a new key.</summary>
    /// <exception cref="IOException">There is a key already.</exception>
    public NoteKey Create(string name)
    {
        var seed = RandomNumberGenerator.GetBytes(SeedSize);
        using var cosigner = new Cosigner(name, seed);
        Directory.CreateDirectory(LogsFolder);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(KeyFile, options);
        file.Write(System.Text.Encoding.UTF8.GetBytes($"{name}\n{Convert.ToBase64String(seed)}\n"));
        file.Flush(flushToDisk: true);
        return cosigner.PublicKey;
    }

    /// <summary>The witness's key.</summary>
    /// <exception cref="IOException">There is none.</exception>
    /// <exception cref="FormatException">The file is damaged.</exception>
    public Cosigner Cosigner()
        => File.ReadAllLines(KeyFile) is [var name, var seed] ? new Cosigner(name, Convert.FromBase64String(seed)) : throw new FormatException($"{KeyFile} is damaged.");

    /// <summary>Takes the folder until what is returned is disposed: two processes that cosign would not know of each other's cosignatures.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public IDisposable TakeAlone() => new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>Adds a log, of which nothing was cosigned yet, or another key to one that is known.</summary>
    /// <exception cref="FormatException">The key is not a log's, or is trusted already.</exception>
    public void Trust(NoteKey log)
    {
        if (log.IsCosigner)
        {
            throw new FormatException("This is the key of a witness, not of a log.");
        }

        if (File.Exists(FileOf(log)))
        {
            WitnessedLog.Change(FileOf(log), log, isTrusted: true);
        }
        else
        {
            WitnessedLog.Create(FileOf(log), log);
        }
    }

    /// <summary>Takes a key away from a log that has another one.</summary>
    /// <exception cref="IOException">The log is not known.</exception>
    /// <exception cref="FormatException">The key is not trusted, or is the log's last one.</exception>
    public void Distrust(NoteKey log) => WitnessedLog.Change(FileOf(log), log, isTrusted: false);

    /// <summary>The logs it knows.</summary>
    public IReadOnlyList<WitnessedLog> Logs(bool toCosign) => [.. Directory.GetFiles(LogsFolder).Order(StringComparer.Ordinal).Select(file => WitnessedLog.Open(file, toCosign))];

    private string FileOf(NoteKey log) => Path.Combine(LogsFolder, WitnessedLog.FileName(log.Name));
}
