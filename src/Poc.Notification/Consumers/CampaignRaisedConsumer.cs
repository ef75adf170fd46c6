using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>
/// Tells at once of a burst of similar requests, with one message for all of them: intake officers, who classify it; panel chairs, whose dossier it fills; staff who watch new requests, because
/// they are mailed of each no longer; subscribers. Nobody outside.
/// </summary>
internal sealed class CampaignRaisedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<CampaignRaised>
{
    public async Task Consume(ConsumeContext<CampaignRaised> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(CampaignRaisedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private async Task TellAsync(Tx tx, CampaignRaised @event)
    {
        await Bursts.GoesOnAsync(tx, @event.Aggregate, @event.Subjects);
        await notices.TellAsync(tx, new Cause(@event.EventId, EventKind.CampaignRaised, @event.Aggregate), new Whom(@event.Subjects)
        {
            Urgent = true,
            Roles = [Roles.IntakeOfficer, Roles.PanelChair],
            WhoWatch = EventKind.RequestReceived,
        });
    }
}
