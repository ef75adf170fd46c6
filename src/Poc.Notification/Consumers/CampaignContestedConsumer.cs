using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells intake officers, who read it, and subscribers of an objection to a campaign.</summary>
internal sealed class CampaignContestedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<CampaignContested>
{
    public async Task Consume(ConsumeContext<CampaignContested> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(CampaignContestedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, CampaignContested @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.CampaignContested, @event.Aggregate), new Whom(@event.Subjects) { Roles = [Roles.IntakeOfficer] });
}
