using Grpc.Core;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Notification.Plans;
using Poc.Notification.Recipients;

namespace Poc.Notification;

/// <summary>The service's methods; each is its slice. What they promise is in notification.proto.</summary>
internal sealed class NotificationGrpc(
    CreateRecipient createRecipient,
    CreateSubscription createSubscription,
    PrepareRecipientPlan prepareRecipientPlan,
    GetRecipientPlan getRecipientPlan,
    ListDeliveries listDeliveries,
    AcknowledgeDelivery acknowledgeDelivery,
    GetAnnouncement getAnnouncement,
    OverrideWave overrideWave,
    EnterLeakMode enterLeakMode,
    ListInboxItems listInboxItems,
    WatchInbox watchInbox) : NotificationService.NotificationServiceBase
{
    [Allow(Roles.Administrator)]
    public override Task<CreateRecipientResponse> CreateRecipient(CreateRecipientRequest request, ServerCallContext context) =>
        createRecipient.HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<CreateSubscriptionResponse> CreateSubscription(CreateSubscriptionRequest request, ServerCallContext context) =>
        createSubscription.HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Spokesperson)]
    public override Task<PrepareRecipientPlanResponse> PrepareRecipientPlan(PrepareRecipientPlanRequest request, ServerCallContext context) =>
        prepareRecipientPlan.HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<GetRecipientPlanResponse> GetRecipientPlan(GetRecipientPlanRequest request, ServerCallContext context) =>
        getRecipientPlan.HandleAsync(request, context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<ListDeliveriesResponse> ListDeliveries(ListDeliveriesRequest request, ServerCallContext context) =>
        listDeliveries.HandleAsync(request, context.CancellationToken);

    [Allow(Roles.Anonymous)]
    public override Task<AcknowledgeDeliveryResponse> AcknowledgeDelivery(AcknowledgeDeliveryRequest request, ServerCallContext context) =>
        acknowledgeDelivery.HandleAsync(request, context.CancellationToken);

    [Allow(Roles.Anonymous)]
    public override Task<GetAnnouncementResponse> GetAnnouncement(GetAnnouncementRequest request, ServerCallContext context) =>
        getAnnouncement.HandleAsync(request, context.CancellationToken);

    [Allow(Roles.Spokesperson, Roles.Approver)]
    public override Task<OverrideWaveResponse> OverrideWave(OverrideWaveRequest request, ServerCallContext context) =>
        overrideWave.HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Spokesperson, Roles.Approver)]
    public override Task<EnterLeakModeResponse> EnterLeakMode(EnterLeakModeRequest request, ServerCallContext context) =>
        enterLeakMode.HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(
        Roles.Recipient,
        Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<ListInboxItemsResponse> ListInboxItems(ListInboxItemsRequest request, ServerCallContext context) =>
        listInboxItems.HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(
        Roles.Recipient,
        Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task WatchInbox(WatchInboxRequest request, IServerStreamWriter<WatchInboxResponse> responseStream, ServerCallContext context) =>
        watchInbox.HandleAsync(request, responseStream, context);
}
