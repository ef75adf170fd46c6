using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Notification.Deliveries;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>Nobody is told of the requests of a campaign one by one; they keep its burst open.</summary>
internal sealed class CampaignRequestsJoinedConsumer(Inbox inbox) : IConsumer<CampaignRequestsJoined>
{
    public Task Consume(ConsumeContext<CampaignRequestsJoined> context) => inbox.ApplyAsync(
        context.Message, nameof(CampaignRequestsJoinedConsumer), static (tx, joined) => Bursts.GoesOnAsync(tx, joined.Aggregate, []), context.CancellationToken);
}
