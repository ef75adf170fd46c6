using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;

namespace Poc.Review.Dossiers;

/// <summary>
/// Keeps what Intake tells of campaigns: which requests lie below one entry, what persons say of it, and that two are one. Nothing that is judged reads it: not whether a request is
/// admissible, no assessment and no decision (DOMAIN, invariants 3 and 12). The etag stays as it is, so that a burst does not stand in the way of staff who write.
/// </summary>
internal sealed class NoteCampaign
{
    private const string JoinSql = """
        INSERT INTO campaign_requests (request, campaign, joined_at) SELECT name, $2, $3 FROM unnest($1::text[]) AS name
        ON CONFLICT ON CONSTRAINT pk_campaign_requests DO NOTHING
        """;

    private const string ChangeSql = """
        INSERT INTO campaign_changes (campaign, kind, version, classification, said_by, merged_into, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT ON CONSTRAINT pk_campaign_changes DO NOTHING
        """;

    public Task HandleAsync(Tx tx, CampaignRaised raised) => tx.ExecuteAsync(ChangeSql, raised.Aggregate, "RAISED", raised.Version, "", "", null, raised.OccurredAt);

    public Task HandleAsync(Tx tx, CampaignRequestsJoined joined) => tx.ExecuteAsync(JoinSql, joined.Requests.ToArray(), joined.Aggregate, joined.OccurredAt);

    public Task HandleAsync(Tx tx, CampaignMerged merged) => tx.ExecuteAsync(ChangeSql, merged.Aggregate, "MERGED", merged.Version, "", "", merged.Into, merged.OccurredAt);

    public Task HandleAsync(Tx tx, CampaignClassified said) =>
        tx.ExecuteAsync(ChangeSql, said.Aggregate, "CLASSIFIED", said.Version, said.Classification, said.ClassifiedBy, null, said.OccurredAt);

    public Task HandleAsync(Tx tx, CampaignContested contested) => tx.ExecuteAsync(ChangeSql, contested.Aggregate, "CONTESTED", contested.Version, "", "", null, contested.OccurredAt);
}
