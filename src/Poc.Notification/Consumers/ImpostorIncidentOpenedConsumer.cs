using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Tells intake officers, spokespersons and subscribers at once that somebody pretended to speak for a subject: those whom the next call may reach.</summary>
internal sealed class ImpostorIncidentOpenedConsumer(Inbox inbox, Notices notices, InboxBackplane backplane) : IConsumer<ImpostorIncidentOpened>
{
    public async Task Consume(ConsumeContext<ImpostorIncidentOpened> context)
    {
        await inbox.ApplyAsync(context.Message, nameof(ImpostorIncidentOpenedConsumer), TellAsync, context.CancellationToken);
        backplane.Announce();
    }

    private Task TellAsync(Tx tx, ImpostorIncidentOpened @event) =>
        notices.TellAsync(tx, new Cause(@event.EventId, EventKind.ImpostorIncidentOpened, @event.Aggregate), new Whom([@event.Subject])
        {
            Urgent = true,
            Roles = [Roles.IntakeOfficer, Roles.Spokesperson],
        });
}
