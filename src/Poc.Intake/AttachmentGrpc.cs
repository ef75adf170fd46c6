using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Attachments;
using Poc.Intake.Partners;

namespace Poc.Intake;

/// <summary>Files of requests; each method is a slice of the same name.</summary>
internal sealed class AttachmentGrpc(
    StartAttachment startAttachment, UploadAttachment uploadAttachment, FinishAttachment finishAttachment, GetAttachment getAttachment, DownloadAttachment downloadAttachment)
    : AttachmentService.AttachmentServiceBase
{
    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Attachment)]
    public override Task<StartAttachmentResponse> StartAttachment(StartAttachmentRequest request, ServerCallContext context) => startAttachment.HandleAsync(request, context);

    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Attachment)]
    public override Task<UploadAttachmentResponse> UploadAttachment(IAsyncStreamReader<UploadAttachmentRequest> requestStream, ServerCallContext context) =>
        uploadAttachment.HandleAsync(requestStream, context);

    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Attachment)]
    public override Task<FinishAttachmentResponse> FinishAttachment(FinishAttachmentRequest request, ServerCallContext context) => finishAttachment.HandleAsync(request, context);

    [Allow(Roles.Partner, Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    [CountsAs(MethodClass.Read)]
    public override Task<GetAttachmentResponse> GetAttachment(GetAttachmentRequest request, ServerCallContext context) => getAttachment.HandleAsync(request, context);

    [Allow(Roles.Partner, Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    [CountsAs(MethodClass.Read)]
    public override Task DownloadAttachment(DownloadAttachmentRequest request, IServerStreamWriter<DownloadAttachmentResponse> responseStream, ServerCallContext context) =>
        downloadAttachment.HandleAsync(request, responseStream, context);
}
