using System.Security.Cryptography;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Kernel.Media;
using Poc.Postgres;
using static Poc.Contracts.Intake.V1.Attachment.Types;

namespace Poc.Intake.Attachments;

/// <summary>Checks a file that has arrived: what is on disk is hashed, and compared with what was announced.</summary>
internal sealed class FinishAttachment(Database database)
{
    private const string Close = "UPDATE attachments SET state = $3, sniffed_media_type = $4 WHERE id = $1 AND partner_id = $2 AND state = 'UPLOADING'";

    private const string DropBytes = "DELETE FROM attachment_chunks WHERE attachment = $1";

    public async Task<FinishAttachmentResponse> HandleAsync(FinishAttachmentRequest message, ServerCallContext context)
    {
        var name = AttachmentName.Require(context.Caller(), message.Name);
        var file = await database.ReadAsync(tx => AttachmentRow.FindAsync(tx, name), context.CancellationToken);
        switch (file.State)
        {
            case State.Complete or State.Bound:
                return new FinishAttachmentResponse { Attachment = file.ToAttachment() };
            case not State.Uploading:
                throw IntakeErrors.AttachmentClosed(name.ToString(), EnumText<State>.Of(file.State));
        }

        if (file.Received < file.Size)
        {
            throw IntakeErrors.AttachmentIncomplete(name.ToString(), file.Received, file.Size);
        }

        var (sha256, sniffed) = await HashAsync(name.Id, context.CancellationToken);
        if (!sha256.AsSpan().SequenceEqual(file.Sha256))
        {
            await CloseAsync(name, State.Refused, sniffed, context.CancellationToken);
            throw IntakeErrors.AttachmentHashMismatch(name.ToString(), Convert.ToHexStringLower(file.Sha256), Convert.ToHexStringLower(sha256));
        }

        if (sniffed == MediaTypeSniffer.Program)
        {
            await CloseAsync(name, State.Refused, sniffed, context.CancellationToken);
            throw IntakeErrors.AttachmentTypeRefused(name.ToString(), sniffed);
        }

        return new FinishAttachmentResponse { Attachment = (await CloseAsync(name, State.Complete, sniffed, context.CancellationToken)).ToAttachment() };
    }

    private async Task<(byte[] Sha256, string Sniffed)> HashAsync(Guid id, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var head = new MemoryStream(MediaTypeSniffer.Length);
        await foreach (var block in AttachmentBytes.ReadAsync(database, id, 0, cancellation))
        {
            hash.AppendData(block.Span);
            head.Write(block.Span[..Math.Min(block.Length, MediaTypeSniffer.Length - (int)head.Length)]);
        }

        return (hash.GetHashAndReset(), MediaTypeSniffer.Sniff(head.ToArray()));
    }

    // A twin that was faster found the same bytes and came to the same end.
    private Task<AttachmentRow> CloseAsync(AttachmentName name, State state, string sniffed, CancellationToken cancellation) => database.InTransactionAsync(async tx =>
    {
        await tx.ExecuteAsync(Close, name.Id, name.Partner, EnumText<State>.Of(state), sniffed);
        if (state == State.Refused)
        {
            await tx.ExecuteAsync(DropBytes, name.Id);
        }

        return await AttachmentRow.FindAsync(tx, name);
    }, cancellation);
}
