using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Campaigns;

/// <summary>Puts a person's word on a campaign on record; earlier words stay.</summary>
internal sealed class ClassifyCampaign(IdempotentWrites writes, IdSource ids, TimeProvider clock)
{
    private const int MaxReasons = 4_000;

    // Locks the row, so that two who classify at once get two numbers.
    private const string Update = "UPDATE campaigns SET classification = $2 WHERE campaign = $1";

    private const string Insert =
        """
        INSERT INTO campaign_classifications (campaign, sequence, classification, reasons, classified_by, classified_at)
        SELECT $1, COALESCE(max(sequence), 0) + 1, $2, $3, $4, $5 FROM campaign_classifications WHERE campaign = $1
        RETURNING sequence
        """;

    public Task<ClassifyCampaignResponse> HandleAsync(ClassifyCampaignRequest message, ServerCallContext context)
    {
        var wrong = new Violations()
            .Uuid("request_id", message.RequestId)
            .Specified("classification", message.Classification)
            .NotBlank("reasons", message.Reasons)
            .MaxLength("reasons", message.Reasons, MaxReasons)
            .Require(RequestRules.IsStorable(message.Reasons), "reasons", "must not have the character U+0000 nor half of a surrogate pair");
        var campaign = CampaignName.Read(wrong, message.Name);
        wrong.ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => WriteAsync(tx, message, campaign, context.Caller().Id), context.CancellationToken);
    }

    private async Task<ClassifyCampaignResponse> WriteAsync(Tx tx, ClassifyCampaignRequest message, int named, string caller)
    {
        var campaign = await CampaignRow.CurrentAsync(tx, named) ?? throw IntakeErrors.CampaignNotFound(message.Name);
        var now = clock.GetUtcNow();
        var classification = EnumText<CampaignClassification>.Of(message.Classification);
        await tx.ExecuteAsync(Update, campaign, classification);
        var sequence = await tx.ScalarAsync<int>(Insert, campaign, classification, message.Reasons, caller, now);
        await Outbox.AddAsync(tx, new CampaignClassified(ids.Next(), CampaignName.Of(campaign), sequence, now, classification, caller));
        return new ClassifyCampaignResponse
        {
            Entry = new CampaignClassificationEntry
            {
                Classification = message.Classification,
                Reasons = message.Reasons,
                ClassifiedBy = caller,
                ClassifiedAt = now.ToTimestamp(),
                Campaign = CampaignName.Of(campaign),
            },
        };
    }
}
