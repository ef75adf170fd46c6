using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;
using static Poc.Contracts.Intake.V1.Attachment.Types;

namespace Poc.Intake.Attachments;

/// <summary>Gives a checked file back, block by block, as fast as its reader takes it.</summary>
internal sealed class DownloadAttachment(Database database, IHostApplicationLifetime lifetime)
{
    public async Task HandleAsync(DownloadAttachmentRequest message, IServerStreamWriter<DownloadAttachmentResponse> stream, ServerCallContext context)
    {
        var name = AttachmentName.Require(context.Caller(), message.Name);
        new Violations().Require(message.Offset >= 0, "offset", "must not be negative").ThrowIfAny();
        var file = await database.ReadAsync(tx => AttachmentRow.FindAsync(tx, name), context.CancellationToken);
        switch (file.State)
        {
            case State.Uploading:
                throw IntakeErrors.AttachmentIncomplete(name.ToString(), file.Received, file.Size);
            case not (State.Complete or State.Bound):
                throw IntakeErrors.AttachmentClosed(name.ToString(), EnumText<State>.Of(file.State));
        }

        // A server that stops must not wait for slow readers: they go on at another replica.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await context.WriteResponseHeadersAsync([]);
        await foreach (var block in AttachmentBytes.ReadAsync(database, name.Id, message.Offset, ending.Token))
        {
            await stream.WriteAsync(new DownloadAttachmentResponse { Data = UnsafeByteOperations.UnsafeWrap(block) }, ending.Token);
        }
    }
}
