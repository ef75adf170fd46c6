using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Consumers;

/// <summary>Similar requests are a campaign.</summary>
internal sealed class CampaignRaisedConsumer(Inbox inbox, NoteCampaign slice) : IConsumer<CampaignRaised>
{
    public Task Consume(ConsumeContext<CampaignRaised> context) =>
        inbox.ApplyAsync(context.Message, nameof(CampaignRaisedConsumer), slice.HandleAsync, context.CancellationToken);
}
