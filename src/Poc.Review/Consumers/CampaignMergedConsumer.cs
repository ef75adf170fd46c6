using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Consumers;

/// <summary>Two campaigns are one.</summary>
internal sealed class CampaignMergedConsumer(Inbox inbox, NoteCampaign slice) : IConsumer<CampaignMerged>
{
    public Task Consume(ConsumeContext<CampaignMerged> context) =>
        inbox.ApplyAsync(context.Message, nameof(CampaignMergedConsumer), slice.HandleAsync, context.CancellationToken);
}
