using System.Text.Json;
using MimeKit;
using MimeKit.Utils;
using Poc.Kernel;

namespace Poc.MailSink;

/// <summary>
/// Messages as files: <c>{id}.eml</c> holds the bytes as they came, <c>{id}.json</c> the <see cref="StoredMessage"/>. The second is written after the first is
/// on
/// disk, so a message is there when its second file can be read; half a message, left by a crash, was never acknowledged and is passed over.
/// </summary>
public sealed class MailFolder
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _path;
    private readonly IdSource _ids;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly SortedList<Guid, StoredMessage> _messages = [];

    /// <summary>Opens the folder, which is made where it is missing, and reads what it holds.</summary>
    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    public MailFolder(string path, IdSource ids, TimeProvider clock, ILogger<MailFolder> logger)
    {
        _path = path;
        _ids = ids;
        _clock = clock;
        Directory.CreateDirectory(path);
        foreach (var file in Directory.EnumerateFiles(path, "*.json"))
        {
            try
            {
                var message = JsonSerializer.Deserialize<StoredMessage>(File.ReadAllBytes(file), Json)!;
                _messages.Add(message.Id, message);
            }
            catch (JsonException)
            {
                logger.LogWarning("{File} is not complete: its message was never acknowledged and is passed over.", file);
            }
        }

        logger.LogInformation("{Count} messages in {Folder}", _messages.Count, path);
    }

    /// <summary>Keeps a message; when this returns it is on disk (fsync) and survives a loss of power.</summary>
    /// <exception cref="IOException">It could not be written; nothing is kept.</exception>
    public async Task<StoredMessage> AddAsync(string from, IReadOnlyList<string> to, ReadOnlyMemory<byte> content)
    {
        var message = Describe(_ids.Next(), from, to, content);
        // An fsync of a file that was just made also keeps its name in the folder on the journalling file systems in use (ext4, xfs, btrfs, apfs, ntfs).
        await WriteAsync(Path.Combine(_path, $"{message.Id}.eml"), content);
        await WriteAsync(Path.Combine(_path, $"{message.Id}.json"), JsonSerializer.SerializeToUtf8Bytes(message, Json));
        lock (_gate)
        {
            _messages.Add(message.Id, message);
        }

        return message;
    }

    /// <summary>Messages, oldest first.</summary>
    /// <param name="to">Only those to this envelope recipient, in any letter case; null: all.</param>
    /// <param name="since">Only those received at or after this time; null: all.</param>
    public IReadOnlyList<StoredMessage> List(string? to = null, DateTimeOffset? since = null)
    {
        lock (_gate)
        {
            return
            [
                .. _messages.Values.Where(message =>
                    (since is null || message.ReceivedAt >= since) && (to is null || message.To.Contains(to, StringComparer.OrdinalIgnoreCase))),
            ];
        }
    }

    /// <summary>The bytes of a message as they came; null when there is no such message.</summary>
    public async Task<byte[]?> ReadAsync(Guid id, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_messages.ContainsKey(id))
            {
                return null;
            }
        }

        return await File.ReadAllBytesAsync(Path.Combine(_path, $"{id}.eml"), cancellation);
    }

    private StoredMessage Describe(Guid id, string from, IReadOnlyList<string> to, ReadOnlyMemory<byte> content)
    {
        HeaderList headers;
        try
        {
            headers = HeaderList.Load(new MemoryStream(content.ToArray(), writable: false));
        }
        catch (FormatException)
        {
            headers = []; // Kept all the same: what a program sends by mistake is what its developer wants to see.
        }

        var reference = headers.FirstOrDefault(static header => header.Field.EndsWith("Reference", StringComparison.OrdinalIgnoreCase));
        DateTimeOffset? date = DateUtils.TryParse(headers[HeaderId.Date] ?? "", out var parsed) ? parsed : null;
        return new StoredMessage(
            id, _clock.GetUtcNow(), from, to, headers[HeaderId.Subject] ?? "", headers[HeaderId.MessageId], date, reference?.Value, content.Length);
    }

    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> content)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
        await file.WriteAsync(content);
        file.Flush(flushToDisk: true);
    }
}
