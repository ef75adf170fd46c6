using System.Formats.Tar;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;

namespace Poc.Cli;

/// <summary>Receives an export. It gets its name when it is whole; what broke off before is removed.</summary>
internal static class ExportedBag
{
    private const string Unfinished = ".part";

    /// <summary>Writes the tar file as it comes, or unpacks it into a folder where <paramref name="target"/> does not end in <c>.tar</c>.</summary>
    /// <exception cref="IOException">It cannot be written, or is not a bag in one folder.</exception>
    public static async Task ReceiveAsync(IAsyncStreamReader<ExportStatementsResponse> messages, string target, CancellationToken cancellation)
    {
        var isFile = target.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);
        var file = isFile ? target + Unfinished : target + ".tar" + Unfinished;
        var folder = target + Unfinished;
        try
        {
            await WriteAsync(messages, file, cancellation);
            if (isFile)
            {
                File.Move(file, target);
                return;
            }

            await UnpackAsync(file, folder, cancellation);
            Directory.Move(folder, target);
        }
        finally
        {
            File.Delete(file);
            if (!isFile && Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static async Task WriteAsync(IAsyncStreamReader<ExportStatementsResponse> messages, string file, CancellationToken cancellation)
    {
        await using var output = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
        while (await messages.MoveNext(cancellation))
        {
            await output.WriteAsync(messages.Current.Data.Memory, cancellation);
        }
    }

    private static async Task UnpackAsync(string file, string folder, CancellationToken cancellation)
    {
        await using var input = File.OpenRead(file);
        await using var tar = new TarReader(input);
        while (await tar.GetNextEntryAsync(cancellationToken: cancellation) is { } entry)
        {
            // Whoever answers is not trusted with paths: only plain files below the one folder, wherever they say that they are.
            var parts = entry.Name.Split('/');
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || parts.Length < 2
                || parts.Any(part => part is "" or "." or ".." || part.AsSpan().ContainsAny('\\', ':', '\0')))
            {
                throw new IOException($"The export is not a bag in one folder: {entry.Name}");
            }

            var path = Path.Combine([folder, .. parts[1..]]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await entry.ExtractToFileAsync(path, overwrite: false, cancellation);
        }
    }
}
