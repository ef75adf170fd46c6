using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Captures;

/// <summary>An upload as it is stored.</summary>
/// <param name="Id">Of the upload, and of the capture that it becomes.</param>
/// <param name="Source">What it is a copy of.</param>
/// <param name="MediaType">As stated.</param>
/// <param name="Size">Bytes, as stated.</param>
/// <param name="Stated">What else was stated, sealed.</param>
/// <param name="Received">Bytes on disk.</param>
/// <param name="Parts">Parts on disk.</param>
/// <param name="ExpiresAt">When it is dropped.</param>
internal sealed record UploadRow(Guid Id, string Source, string MediaType, long Size, byte[] Stated, long Received, int Parts, DateTimeOffset ExpiresAt)
{
    /// <summary>Its name.</summary>
    public string Name => $"captureUploads/{Id:D}";

    /// <summary>As the wire has it.</summary>
    public CaptureUpload ToUpload() => new() { Name = Name, ReceivedBytes = Received, SizeBytes = Size, ExpiresAt = ExpiresAt.ToTimestamp() };

    /// <summary>What was stated; null where it was changed.</summary>
    public Capture? Open(ObjectKey key)
    {
        if (key.Open(Id, Stated) is not { Record: { } record, Sha256: { } sha256 })
        {
            return null;
        }

        var stated = EvidenceRecord.Read<Capture>(record);
        (stated.Source, stated.MediaType, stated.SizeBytes, stated.Sha256) = (Source, MediaType, Size, ByteString.CopyFrom(sha256));
        return stated;
    }
}

/// <summary>Reads uploads, and drops them.</summary>
public sealed class StoredUploads(KeyStore keys)
{
    private const string Columns = "SELECT capture_id, source, media_type, size_bytes, stated, received_bytes, parts, expires_at FROM capture_uploads";

    private const string ByIdSql = $"{Columns} WHERE capture_id = $1";

    private const string LockSql = $"{Columns} WHERE capture_id = $1 FOR UPDATE";

    private const string BySourceSql = $"{Columns} WHERE source = $1 FOR UPDATE";

    private const string DropSql = "DELETE FROM capture_uploads WHERE capture_id = $1";

    private const string DropChunksSql = "DELETE FROM capture_chunks WHERE capture_id = $1";

    /// <summary>The id in <c>captureUploads/{upload}</c>.</summary>
    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND UPLOAD_NOT_FOUND: it has none that can be one.</exception>
    internal static Guid IdOf(string name) => Guid.TryParseExact(name["captureUploads/".Length..], "D", out var id) ? id : throw ArchiveErrors.UploadNotFound(name);

    /// <summary>An upload; null when there is none.</summary>
    internal static Task<UploadRow?> FindAsync(Tx tx, Guid id) => tx.QuerySingleOrDefaultAsync(ByIdSql, Read, id);

    /// <summary>An upload that nobody else changes until the transaction ends; null when there is none.</summary>
    internal static Task<UploadRow?> LockAsync(Tx tx, Guid id) => tx.QuerySingleOrDefaultAsync(LockSql, Read, id);

    /// <summary>The upload of a source, the same; null when there is none.</summary>
    internal static Task<UploadRow?> LockAsync(Tx tx, string source) => tx.QuerySingleOrDefaultAsync(BySourceSql, Read, source);

    /// <summary>The key of an upload; null when it is gone.</summary>
    internal Task<ObjectKey?> KeyOfAsync(UploadRow upload, CancellationToken cancellation) => keys.FindAsync(upload.Id, CaptureRules.GroupOf(upload.Source), cancellation);

    /// <summary>Ends an upload that has become a capture.</summary>
    internal static Task EndAsync(Tx tx, Guid id) => tx.ExecuteAsync(DropSql, id);

    /// <summary>Drops an upload with its parts and its key; nothing where it is none any more, for then a capture may have that key.</summary>
    internal async Task DropAsync(Tx tx, Guid id)
    {
        if (await tx.ExecuteAsync(DropSql, id) > 0)
        {
            await tx.ExecuteAsync(DropChunksSql, id);

            // Before the commit: if that fails, the upload is still there without a key, and is dropped once more.
            await keys.ForgetAsync(id, tx.Cancellation);
        }
    }

    private static UploadRow Read(Npgsql.NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetFieldValue<byte[]>(4), row.GetInt64(5), row.GetInt32(6), row.GetFieldValue<DateTimeOffset>(7));
}
