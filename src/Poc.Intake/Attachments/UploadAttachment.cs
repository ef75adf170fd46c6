using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Attachments;

/// <summary>
/// Takes bytes of an announced file and puts them on disk block by block, so that an upload that breaks off goes on where it was. A call holds one block in memory
/// and one message; small messages are joined, because a row for each would cost more than its bytes.
/// </summary>
internal sealed class UploadAttachment(Database database, IHostApplicationLifetime lifetime)
{
    private const int Block = 256 * 1024;

    // The offset makes a repeated or concurrent block miss instead of being stored twice.
    private const string Append =
        """
        WITH moved AS (
            UPDATE attachments
            SET received_bytes = received_bytes + octet_length($4::bytea)
            WHERE id = $1 AND partner_id = $2 AND state = 'UPLOADING' AND received_bytes = $3 AND received_bytes + octet_length($4::bytea) <= size_bytes
            RETURNING id
        )
        INSERT INTO attachment_chunks (attachment, position, data)
        SELECT id, $3, $4 FROM moved
        """;

    public async Task<UploadAttachmentResponse> HandleAsync(IAsyncStreamReader<UploadAttachmentRequest> messages, ServerCallContext context)
    {
        // A server that stops must not wait for slow senders: they go on at another replica.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var cancellation = ending.Token;
        if (!await messages.MoveNext(cancellation))
        {
            throw CommonErrors.FieldInvalid("name", "is required in the first message");
        }

        var name = AttachmentName.Require(context.Caller(), messages.Current.Name);
        var file = await FindAsync(name, cancellation);
        RequireOpen(file, messages.Current.Offset);
        var (offset, held) = (file.Received, new MemoryStream(Block));
        try
        {
            do
            {
                var message = messages.Current;
                Check(message, name, file, offset + held.Length);
                for (var data = message.Data.Memory; !data.IsEmpty;)
                {
                    var part = data[..Math.Min(data.Length, Block - (int)held.Length)];
                    held.Write(part.Span);
                    data = data[part.Length..];
                    if (held.Length == Block)
                    {
                        offset = await StoreAsync(name, offset, held, cancellation);
                    }
                }
            }
            while (await messages.MoveNext(cancellation));
        }
        catch (Exception) when (held.Length > 0)
        {
            // The caller is gone or sent nonsense: what it sent before is kept for when it comes back.
            await StoreAsync(name, offset, held, CancellationToken.None);
            throw;
        }

        if (held.Length > 0)
        {
            await StoreAsync(name, offset, held, cancellation);
        }

        return new UploadAttachmentResponse { Attachment = (await FindAsync(name, cancellation)).ToAttachment() };
    }

    private async Task<long> StoreAsync(AttachmentName name, long offset, MemoryStream held, CancellationToken cancellation)
    {
        var data = held.ToArray();
        held.SetLength(0);
        if (await database.InTransactionAsync(tx => tx.ExecuteAsync(Append, name.Id, name.Partner, offset, data), cancellation) == 0)
        {
            // Another call of the same upload was faster, or the attachment was closed meanwhile.
            RequireOpen(await FindAsync(name, cancellation), offset);
        }

        return offset + data.Length;
    }

    private Task<AttachmentRow> FindAsync(AttachmentName name, CancellationToken cancellation) => database.ReadAsync(tx => AttachmentRow.FindAsync(tx, name), cancellation);

    private static void RequireOpen(AttachmentRow file, long offset)
    {
        if (file.State != Attachment.Types.State.Uploading)
        {
            throw IntakeErrors.AttachmentClosed(file.Name.ToString(), EnumText<Attachment.Types.State>.Of(file.State));
        }

        if (offset != file.Received)
        {
            throw IntakeErrors.AttachmentOffsetMismatch(file.Name.ToString(), file.Received);
        }
    }

    private static void Check(UploadAttachmentRequest message, AttachmentName name, AttachmentRow file, long offset) => new Violations()
        .Require(message.Name.Length == 0 || message.Name == name.ToString(), "name", "must be the same in all messages, or empty after the first")
        .Require(message.Data.Length <= AttachmentRules.MaxMessageData, "data", $"must have at most {AttachmentRules.MaxMessageData} bytes")
        .Require(offset + message.Data.Length <= file.Size, "data", "must not go beyond the announced size_bytes")
        .ThrowIfAny();
}
