using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Consumers;

/// <summary>Requests are in a campaign.</summary>
internal sealed class CampaignRequestsJoinedConsumer(Inbox inbox, NoteCampaign slice) : IConsumer<CampaignRequestsJoined>
{
    public Task Consume(ConsumeContext<CampaignRequestsJoined> context) =>
        inbox.ApplyAsync(context.Message, nameof(CampaignRequestsJoinedConsumer), slice.HandleAsync, context.CancellationToken);
}
