namespace Poc.Campaigns.Requests;

/// <summary>A request has a place now, or another one.</summary>
/// <param name="Request">Which.</param>
/// <param name="Cluster">The cluster that holds it, or null where a campaign holds it for its link.</param>
/// <param name="Campaign">That campaign's number, or null.</param>
/// <param name="JoinedBy">What joined it.</param>
public sealed record Membership(string Request, int? Cluster, int? Campaign, string JoinedBy);

/// <summary>What a detector has done, for whoever keeps it durably.</summary>
public sealed class DetectorChanges
{
    /// <summary>In their order; the last of a request holds.</summary>
    public List<Membership> Memberships { get; } = [];

    /// <summary>The campaign, by number, that each of these clusters belongs to now.</summary>
    public Dictionary<int, int> Clusters { get; } = [];

    /// <summary>Campaigns that are new or changed.</summary>
    public HashSet<Campaign> Campaigns { get; } = [];
}
