using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Campaigns;

/// <summary>Campaigns, last raised first; to a partner those that hold requests of its own.</summary>
internal sealed class ListCampaigns(Database database, PageTokens tokens)
{
    private const string Select =
        $"""
        SELECT {CampaignRow.Columns}
        FROM {CampaignRow.From}
        WHERE c.part_of IS NULL AND c.campaign < $1
            AND ($2::text IS NULL OR EXISTS (SELECT 1 FROM requests o WHERE o.partner_id = $2 AND o.id IN (SELECT m.request FROM {CampaignRow.MembersOf})))
        ORDER BY c.campaign DESC
        LIMIT $3
        """;

    public async Task<ListCampaignsResponse> HandleAsync(ListCampaignsRequest message, ServerCallContext context)
    {
        var caller = context.Caller();
        var partner = caller.Is(Roles.Partner) ? caller.Id["partners/".Length..] : null;
        var size = PageSize.Coerce(message.PageSize);
        var before = tokens.Read(message, message.PageToken) is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture) : int.MaxValue;
        var found = await database.ReadAsync(async tx =>
        {
            // A campaign is counted over everybody's requests; which campaigns a partner is shown, the query decides.
            await tx.WidenAsync();
            return await tx.QueryAsync(Select, CampaignRow.Read, before, partner, size + 1);
        }, context.CancellationToken);
        return new ListCampaignsResponse
        {
            Campaigns = { found.Take(size) },
            NextPageToken = found.Count > size ? tokens.Issue(message, found[size - 1].Name["campaigns/".Length..]) : "",
        };
    }
}
