using System.Text;

namespace Poc.Verify;

/// <summary>Reads small files whole, never more than they may have.</summary>
internal static class Input
{
    public static async Task<byte[]> ReadAsync(string file, int maxSize, CancellationToken cancellation)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            return await ReadAsync(stream, file, maxSize, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(e is FileNotFoundException or DirectoryNotFoundException ? Reason.FileMissing : Reason.Unreadable, file, e.Message);
        }
    }

    /// <summary>The only line of a file, such as a token.</summary>
    public static async Task<string> ReadLineAsync(string file, CancellationToken cancellation)
        => Encoding.ASCII.GetString(await ReadAsync(file, 65_536, cancellation)).Trim();

    public static async Task<byte[]> ReadAsync(Stream stream, string subject, int maxSize, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16_384];
        while (await stream.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            if (bytes.Length + read > maxSize)
            {
                throw new RefusedException(Reason.Malformed, subject, $"it has more than {maxSize} bytes");
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }
}
