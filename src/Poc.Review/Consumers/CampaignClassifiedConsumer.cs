using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Consumers;

/// <summary>A person said what a campaign is.</summary>
internal sealed class CampaignClassifiedConsumer(Inbox inbox, NoteCampaign slice) : IConsumer<CampaignClassified>
{
    public Task Consume(ConsumeContext<CampaignClassified> context) =>
        inbox.ApplyAsync(context.Message, nameof(CampaignClassifiedConsumer), slice.HandleAsync, context.CancellationToken);
}
