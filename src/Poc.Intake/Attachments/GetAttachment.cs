using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Attachments;

/// <summary>One attachment as it is now, with how much of it is on disk.</summary>
internal sealed class GetAttachment(Database database)
{
    public async Task<GetAttachmentResponse> HandleAsync(GetAttachmentRequest message, ServerCallContext context)
    {
        var name = AttachmentName.Require(context.Caller(), message.Name);
        return new GetAttachmentResponse { Attachment = (await database.ReadAsync(tx => AttachmentRow.FindAsync(tx, name), context.CancellationToken)).ToAttachment() };
    }
}
