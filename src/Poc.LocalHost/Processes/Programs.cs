namespace Poc.LocalHost.Processes;

/// <summary>Finds programs of the machine.</summary>
public static class Programs
{
    /// <summary>The folders of <c>PATH</c>, with those that hold administrators' programs, which an ordinary account's <c>PATH</c> lacks.</summary>
    public static IEnumerable<string> Folders =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(["/usr/sbin", "/sbin"]).Distinct();

    /// <summary>The <c>dotnet</c> that runs this process, whether or not it is in <c>PATH</c>.</summary>
    public static string Dotnet { get; } = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    /// <summary>The full path of a program, or <see langword="null"/>.</summary>
    public static string? Find(string name) => Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsThere);

    /// <summary>Whether there is such a file. A link counts for what it leads to: .NET itself is content with one that leads nowhere.</summary>
    public static bool IsThere(string path) => File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists ?? true);
}
