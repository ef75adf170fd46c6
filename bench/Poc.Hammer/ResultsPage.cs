using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Npgsql;
using Poc.LocalHost.Servers;

namespace Poc.Hammer;

/// <summary>What every page of results says: where it was measured, and where it is written.</summary>
internal static class ResultsPage
{
    /// <summary>Of this build and of the service's: "Release", where the figures shall mean something.</summary>
    public static string? Configuration { get; } = typeof(ResultsPage).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration;

    /// <summary>Date, machine and database as list items.</summary>
    public static Task<string> SurroundingsAsync(PrivateStack stack, CancellationToken cancellation) => SurroundingsAsync(stack.Postgres, cancellation);

    /// <inheritdoc cref="SurroundingsAsync(PrivateStack, CancellationToken)"/>
    public static async Task<string> SurroundingsAsync(PostgresServer postgres, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionStringOf("postgres"));
        await connection.OpenAsync(cancellation);
        var server = new List<string>();
        foreach (var setting in (string[])["server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size"])
        {
            await using var command = new NpgsqlCommand($"SHOW {setting}", connection);
            server.Add($"{setting} {await command.ExecuteScalarAsync(cancellation)}");
        }

        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"- Date: {TimeProvider.System.GetUtcNow():yyyy-MM-dd}");
        text.AppendLine(CultureInfo.InvariantCulture, $"- Machine: {Environment.ProcessorCount} cores for client, service, PostgreSQL and the other servers together; {RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}; {RuntimeInformation.FrameworkDescription}");
        text.AppendLine(CultureInfo.InvariantCulture, $"- PostgreSQL {string.Join(", ", server)}");
        return text.ToString();
    }

    /// <summary>Shows the page and writes it to the file, or beside the sources, wherever the program is started from inside the checkout.</summary>
    /// <returns>The file's full name.</returns>
    public static async Task<string> WriteAsync(string page, FileInfo? output, string defaultName, CancellationToken cancellation)
    {
        Console.WriteLine(page);
        var file = output ?? Default(defaultName);
        await File.WriteAllTextAsync(file.FullName, page, cancellation);
        return file.FullName;
    }

    public static double Median(IEnumerable<double> values) =>
        values.Order().ToArray() is var sorted && sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;

    private static FileInfo Default(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Poc.sln")))
            {
                return new FileInfo(Path.Combine(folder.CreateSubdirectory(Path.Combine("bench", "results")).FullName, name));
            }
        }

        return new FileInfo(name);
    }
}
