using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Campaigns;

/// <summary>Keeps a partner's objection to a campaign that holds requests of its own.</summary>
internal sealed class ContestCampaign(IdempotentWrites writes, IdSource ids, TimeProvider clock)
{
    private const int MaxReason = 4_000;

    private const string Holds = $"SELECT EXISTS (SELECT 1 FROM campaigns c, requests o WHERE c.campaign = $1 AND o.partner_id = $2 AND o.id IN (SELECT m.request FROM {CampaignRow.MembersOf}))";

    private const string SelectSubjects =
        $"""
        SELECT DISTINCT COALESCE(r.confirmed_subject, r.subject) AS subject
        FROM campaigns c, requests r
        WHERE c.campaign = $1 AND r.id IN (SELECT m.request FROM {CampaignRow.MembersOf}) AND COALESCE(r.confirmed_subject, r.subject) IS NOT NULL
        ORDER BY subject
        """;

    // Two who object at once get two numbers.
    private const string Lock = "SELECT campaign FROM campaigns WHERE campaign = $1 FOR NO KEY UPDATE";

    private const string Count = "SELECT count(*) FROM campaign_contests WHERE campaign = $1";

    private const string Insert = "INSERT INTO campaign_contests (id, campaign, partner_id, reason, contested_at) VALUES ($1, $2, $3, $4, $5)";

    public Task<ContestCampaignResponse> HandleAsync(ContestCampaignRequest message, ServerCallContext context)
    {
        var wrong = new Violations()
            .Uuid("request_id", message.RequestId)
            .NotBlank("reason", message.Reason)
            .MaxLength("reason", message.Reason, MaxReason)
            .Require(RequestRules.IsStorable(message.Reason), "reason", "must not have the character U+0000 nor half of a surrogate pair");
        var campaign = CampaignName.Read(wrong, message.Name);
        wrong.ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => WriteAsync(tx, message, campaign, context.Caller().Id), context.CancellationToken);
    }

    private async Task<ContestCampaignResponse> WriteAsync(Tx tx, ContestCampaignRequest message, int named, string caller)
    {
        var partner = caller["partners/".Length..];
        if (await CampaignRow.CurrentAsync(tx, named) is not { } campaign || !await tx.ScalarAsync<bool>(Holds, campaign, partner))
        {
            throw IntakeErrors.CampaignNotFound(message.Name);
        }

        // What there is of objections and subjects is said of the whole campaign, not of this partner's requests.
        await tx.WidenAsync();
        await tx.ScalarAsync<int>(Lock, campaign);
        var now = clock.GetUtcNow();
        await tx.ExecuteAsync(Insert, ids.Next(), campaign, partner, message.Reason, now);
        var subjects = await tx.QueryAsync(SelectSubjects, static row => row.GetString(0), campaign);
        await Outbox.AddAsync(tx, new CampaignContested(ids.Next(), CampaignName.Of(campaign), await tx.ScalarAsync<long>(Count, campaign), now, subjects));
        return new ContestCampaignResponse { Contest = new CampaignContest { Partner = caller, Reason = message.Reason, ContestedAt = now.ToTimestamp(), Campaign = CampaignName.Of(campaign) } };
    }
}
