using System.Reflection;
using System.Runtime.CompilerServices;

namespace Poc.Architecture.Tests;

/// <summary>Where things are.</summary>
internal static class Repository
{
    public static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    public static IReadOnlyList<string> ServiceNames { get; } = ["Poc.Intake", "Poc.StatementArchive", "Poc.Review", "Poc.Notification"];

    public static IReadOnlyList<Assembly> Services { get; } = [.. ServiceNames.Select(Assembly.Load)];

    public static IEnumerable<string> SourceFiles(string project) =>
        Directory.EnumerateFiles(Path.Combine(Root(), "src", project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
}
