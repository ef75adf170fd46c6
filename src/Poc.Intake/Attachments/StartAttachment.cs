using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Attachments;

/// <summary>Announces a file; its bytes come by <see cref="UploadAttachment"/>.</summary>
internal sealed class StartAttachment(IdempotentWrites writes, IOptions<IntakeOptions> options, IdSource ids, TimeProvider clock)
{
    // One announcement of a partner at a time: two at once could each find room for itself alone.
    private const string LockPartner = "SELECT pg_advisory_xact_lock(hashtextextended($1 || '/attachments', 0))";

    private const string SelectUnbound = "SELECT COALESCE(sum(size_bytes), 0)::bigint FROM attachments WHERE partner_id = $1 AND state IN ('UPLOADING', 'COMPLETE')";

    private const string Insert =
        """
        INSERT INTO attachments (id, partner_id, file_name, media_type, size_bytes, sha256, state, received_bytes, sniffed_media_type, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'UPLOADING', 0, '', $7, $8)
        """;

    public Task<StartAttachmentResponse> HandleAsync(StartAttachmentRequest message, ServerCallContext context)
    {
        AttachmentRules.Check(message);
        var caller = context.Caller();
        return writes.OnceAsync(caller, message.RequestId, message, tx => WriteAsync(tx, message.Attachment, caller.Id), context.CancellationToken);
    }

    private async Task<StartAttachmentResponse> WriteAsync(Tx tx, Attachment file, string caller)
    {
        var partner = caller["partners/".Length..];
        await tx.ExecuteAsync(LockPartner, caller);
        var limit = options.Value.AttachmentStorageBytes;
        if (await tx.ScalarAsync<long>(SelectUnbound, partner) + file.SizeBytes > limit)
        {
            throw IntakeErrors.AttachmentStorageFull(limit);
        }

        var now = clock.GetUtcNow();
        var name = new AttachmentName(partner, ids.Next());
        await tx.ExecuteAsync(
            Insert, name.Id, partner, file.FileName, file.MediaType, file.SizeBytes, Convert.FromHexString(file.Sha256), now, now + options.Value.AttachmentLifetime);
        return new StartAttachmentResponse { Attachment = (await AttachmentRow.FindAsync(tx, name)).ToAttachment() };
    }
}
