using System.CommandLine;

namespace Poc.Cli;

/// <summary>Finds the key with which this checkout's stack knows development tokens. It never works outside the Development environment.</summary>
internal static class DevelopmentKey
{
    /// <summary>The private key, PKCS#8 in base64. Throws <see cref="UsageException"/> where there is none.</summary>
    public static string Read(ParseResult parsed)
    {
        var folder = parsed.GetValue(GlobalOptions.Keys) ?? Nearest(Directory.GetCurrentDirectory());
        var file = folder is null ? null : Path.Combine(folder, "staff.key");
        return file is not null && File.Exists(file)
            ? File.ReadAllText(file).Trim()
            : throw new UsageException("no development key here: start the stack once (dotnet run --project Aspire.AppHost), or give --keys, or --token.");
    }

    private static string? Nearest(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            var keys = Path.Combine(folder.FullName, ".poc", "keys");
            if (Directory.Exists(keys))
            {
                return keys;
            }
        }

        return null;
    }
}
