using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Consumers;

/// <summary>A partner objects to a campaign.</summary>
internal sealed class CampaignContestedConsumer(Inbox inbox, NoteCampaign slice) : IConsumer<CampaignContested>
{
    public Task Consume(ConsumeContext<CampaignContested> context) =>
        inbox.ApplyAsync(context.Message, nameof(CampaignContestedConsumer), slice.HandleAsync, context.CancellationToken);
}
