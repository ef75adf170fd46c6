namespace Poc.Campaigns.Requests;

/// <summary>An explanation of the similarity other than coordination, and whether it holds.</summary>
/// <param name="Name">Which.</param>
/// <param name="Holds">Whether the data support it.</param>
/// <param name="Detail">On what ground, in words.</param>
public sealed record CheckedExplanation(string Name, bool Holds, string Detail);

/// <summary>Why two clusters, or a cluster and a link, are taken together.</summary>
/// <param name="One">A wording, by number.</param>
/// <param name="Other">Another.</param>
/// <param name="Score">The weight of what they share; 6 joins.</param>
/// <param name="Grounds">What they share, in words.</param>
public sealed record CampaignLink(int One, int Other, double Score, IReadOnlyList<string> Grounds);

/// <summary>Similar requests from independent sources: one or more wordings, or one rarely seen link. Evidence, not a verdict.</summary>
public sealed class Campaign
{
    internal Campaign(int number, long raisedAt)
    {
        Number = number;
        RaisedAt = raisedAt;
    }

    /// <summary>From 1, in the order of raising.</summary>
    public int Number { get; }

    /// <summary>When the evidence sufficed: the time of the request, or hour, at which it was raised, Unix seconds.</summary>
    public long RaisedAt { get; }

    /// <summary>The clusters it is made of: members of each, in order of arrival.</summary>
    public IReadOnlyList<IReadOnlyList<CampaignMember>> Wordings => [.. Clusters.Select(static cluster => cluster.Members), .. LinkMembers.Count > 0 ? [LinkMembers] : Array.Empty<IReadOnlyList<CampaignMember>>()];

    /// <summary>All members.</summary>
    public IEnumerable<CampaignMember> Members => Wordings.SelectMany(static members => members);

    /// <summary>Why its wordings are taken together.</summary>
    public IReadOnlyList<CampaignLink> Links => LinkList;

    /// <summary>The p of so many so similar requests by chance.</summary>
    public double P { get; internal set; } = 1;

    /// <summary>The same, adjusted for the number of clusters looked at (Benjamini–Hochberg).</summary>
    public double AdjustedP { get; internal set; } = 1;

    /// <summary>The chance that two unrelated letters are that similar, as estimated from the data.</summary>
    public double ChanceRate { get; internal set; }

    /// <summary>What else was considered.</summary>
    public IReadOnlyList<CheckedExplanation> Explanations { get; internal set; } = [];

    /// <summary>What it was found by: <c>wording</c>, <c>translations</c> or <c>url</c>.</summary>
    public string FoundBy { get; internal set; } = "wording";

    /// <summary>The campaign that this one turned out to be part of, or null.</summary>
    public Campaign? PartOf { get; internal set; }

    /// <summary>A campaign as it was kept.</summary>
    public static Campaign Restored(int number, long raisedAt, string foundBy, double p, double adjustedP, double chanceRate, IReadOnlyList<CheckedExplanation> explanations, IEnumerable<CampaignLink> links, ulong? link, Campaign? partOf)
    {
        var campaign = new Campaign(number, raisedAt) { FoundBy = foundBy, P = p, AdjustedP = adjustedP, ChanceRate = chanceRate, Explanations = explanations, Link = link, PartOf = partOf };
        campaign.LinkList.AddRange(links);
        return campaign;
    }

    internal List<WordingCluster> Clusters { get; } = [];

    internal List<CampaignMember> LinkMembers { get; } = [];

    /// <summary>The link that it was found by, by its hash; null for another finding.</summary>
    public ulong? Link { get; internal set; }

    internal List<CampaignLink> LinkList { get; } = [];

    /// <summary>The campaign that stands for this one now.</summary>
    public Campaign Current => PartOf is null ? this : PartOf.Current;
}
