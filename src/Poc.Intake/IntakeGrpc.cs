using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Amplification;
using Poc.Intake.Partners;
using Poc.Intake.Requests;

namespace Poc.Intake;

/// <summary>What partners, intake officers and reviewers call; each method is a slice of the same name.</summary>
internal sealed class IntakeGrpc(
    SubmitRequest submitRequest,
    GetRequest getRequest,
    ListRequests listRequests,
    GetReceipt getReceipt,
    WatchRequest watchRequest,
    RecordAmplificationEvent recordAmplificationEvent,
    ListAmplificationEvents listAmplificationEvents) : IntakeService.IntakeServiceBase
{
    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Submit)]
    public override Task<SubmitRequestResponse> SubmitRequest(SubmitRequestRequest request, ServerCallContext context) => submitRequest.HandleAsync(request, context);

    [Allow(Roles.Partner, Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor, Roles.ServiceReview)]
    [CountsAs(MethodClass.Read)]
    public override Task<GetRequestResponse> GetRequest(GetRequestRequest request, ServerCallContext context) => getRequest.HandleAsync(request, context);

    [Allow(Roles.Partner, Roles.IntakeOfficer, Roles.Auditor)]
    [CountsAs(MethodClass.Read)]
    public override Task<ListRequestsResponse> ListRequests(ListRequestsRequest request, ServerCallContext context) => listRequests.HandleAsync(request, context);

    [Allow(Roles.Partner, Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    [CountsAs(MethodClass.Read)]
    public override Task<GetReceiptResponse> GetReceipt(GetReceiptRequest request, ServerCallContext context) => getReceipt.HandleAsync(request, context);

    [Allow(Roles.Partner, Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    [CountsAs(MethodClass.Watch)]
    public override Task WatchRequest(WatchRequestRequest request, IServerStreamWriter<WatchRequestResponse> responseStream, ServerCallContext context) =>
        watchRequest.HandleAsync(request, responseStream, context);

    [Allow(Roles.IntakeOfficer)]
    public override Task<RecordAmplificationEventResponse> RecordAmplificationEvent(RecordAmplificationEventRequest request, ServerCallContext context) =>
        recordAmplificationEvent.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    public override Task<ListAmplificationEventsResponse> ListAmplificationEvents(ListAmplificationEventsRequest request, ServerCallContext context) =>
        listAmplificationEvents.HandleAsync(request, context);
}
