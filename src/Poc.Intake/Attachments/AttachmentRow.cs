using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Intake.Requests;
using Poc.Postgres;
using static Poc.Contracts.Intake.V1.Attachment.Types;

namespace Poc.Intake.Attachments;

/// <summary>A row of the table <c>attachments</c>, and what the wire shows of it.</summary>
internal sealed record AttachmentRow(
    Guid Id, string Partner, string FileName, string MediaType, long Size, byte[] Sha256, State State, long Received, string SniffedMediaType, Guid? Request,
    DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string? Capture, long? LogIndex)
{
    private const string Select =
        """
        SELECT id, partner_id, file_name, media_type, size_bytes, sha256, state, received_bytes, sniffed_media_type, request, created_at, expires_at, capture, log_index
        FROM attachments
        WHERE id = $1 AND partner_id = $2
        """;

    public AttachmentName Name => new(Partner, Id);

    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND (ATTACHMENT_NOT_FOUND).</exception>
    public static async Task<AttachmentRow> FindAsync(Tx tx, AttachmentName name) =>
        await tx.QuerySingleOrDefaultAsync(Select, Read, name.Id, name.Partner) ?? throw IntakeErrors.AttachmentNotFound(name.ToString());

    public Attachment ToAttachment() => new()
    {
        Name = Name.ToString(),
        FileName = FileName,
        MediaType = MediaType,
        SizeBytes = Size,
        Sha256 = Convert.ToHexStringLower(Sha256),
        State = State,
        ReceivedBytes = Received,
        SniffedMediaType = SniffedMediaType,
        Request = Request is { } request ? new RequestName(Partner, request).ToString() : "",
        CreatedAt = CreatedAt.ToTimestamp(),
        ExpiresAt = State is State.Uploading or State.Complete ? ExpiresAt.ToTimestamp() : null,
        Capture = Capture ?? "",
        LogIndex = LogIndex ?? 0,
    };

    private static AttachmentRow Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetFieldValue<byte[]>(5), EnumText<State>.Parse(row.GetString(6)),
        row.GetInt64(7), row.GetString(8), row.IsDBNull(9) ? null : row.GetGuid(9), row.GetFieldValue<DateTimeOffset>(10), row.GetFieldValue<DateTimeOffset>(11),
        row.IsDBNull(12) ? null : row.GetString(12), row.IsDBNull(13) ? null : row.GetInt64(13));
}
