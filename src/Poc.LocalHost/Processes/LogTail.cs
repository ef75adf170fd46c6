namespace Poc.LocalHost.Processes;

/// <summary>The end of a log file that is still being written.</summary>
public static class LogTail
{
    private const int Window = 64 * 1024;

    /// <summary>The last lines of the file, oldest first; at most what fits into its last 64 KB. None when there is no such file.</summary>
    public static IReadOnlyList<string> Read(string file, int count)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var skipped = Math.Max(0, stream.Length - Window);
            stream.Seek(skipped, SeekOrigin.Begin);
            using var reader = new StreamReader(stream);
            var lines = reader.ReadToEnd().Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0);
            return [.. (skipped > 0 ? lines.Skip(1) : lines).TakeLast(count)];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
