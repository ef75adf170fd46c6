namespace Poc.Campaigns.Shares;

/// <summary>How shares are analysed.</summary>
public sealed record ShareOptions
{
    /// <summary>Two shares of an object belong together when at most this many seconds lie between them. 0 or more; no default, because everything depends on it.</summary>
    public required long TimeWindow { get; init; }

    /// <summary>How often an account must take part to be looked at. Default 2; 1 or less switches it off.</summary>
    public int MinParticipation { get; init; } = 2;

    /// <summary>Drop pairs of an account with itself. Default true.</summary>
    public bool RemoveLoops { get; init; } = true;

    /// <summary>Edges count as heavy when their weight is strictly above this quantile (type 7) of all weights. 0 to 1, default 0.5.</summary>
    public double EdgeWeight { get; init; } = 0.5;

    /// <summary>Which part of the network is kept: 0 all; 1 heavy edges; 2 heavy edges of the fast network; 3 these and everything next to them. 2 and 3 need <see cref="FastWindow"/>.</summary>
    public int Subgraph { get; init; }

    /// <summary>A narrower window in seconds whose pairs are marked and counted apart; null for none.</summary>
    public long? FastWindow { get; init; }

    /// <summary>Equal to the peer, or with its quirks mended.</summary>
    public ShareMode Mode { get; init; }

    /// <summary>Which edges the statistics of accounts and objects are made of. Default all.</summary>
    public StatisticsScope Statistics { get; init; }

    /// <summary>Permutations of the null; 0 for none; null for as many as a fixed amount of work allows, at most 1,000.</summary>
    public int? Permutations { get; init; }

    /// <summary>Seed of the permutations: the same seed on the same file gives the same null.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Says what is wrong with the options, or null.</summary>
    public string? Problem() => this switch
    {
        { TimeWindow: < 0 } => "the time window is negative",
        { FastWindow: < 0 } => "the fast window is negative",
        { FastWindow: { } fast } when fast > TimeWindow => "the fast window is wider than the time window",
        { EdgeWeight: not (>= 0 and <= 1) } => "the edge weight is a quantile: 0 to 1",
        { Subgraph: < 0 or > 3 } => "the subgraph is 0, 1, 2 or 3",
        { Subgraph: 2 or 3, FastWindow: null } => "the subgraphs 2 and 3 are those of the fast network: give a fast window",
        { Subgraph: 1, FastWindow: not null, Mode: ShareMode.Compat } => "CooRTweet refuses subgraph 1 of a network with a fast window: leave one out, or use the corrected mode",
        { Statistics: StatisticsScope.Fast, FastWindow: null } => "statistics of the fast network need a fast window",
        { Permutations: < 0 } => "the number of permutations is negative",
        _ => null,
    };
}

/// <summary>Which semantics the analysis has; docs/campaigns-analyze.md lists the differences.</summary>
public enum ShareMode
{
    /// <summary>Those of CooRTweet 2.1.3, to the last pair.</summary>
    Compat,

    /// <summary>Those that its documentation describes, with its quirks mended.</summary>
    Corrected,
}

/// <summary>Which edges statistics are made of.</summary>
public enum StatisticsScope
{
    /// <summary>All of the network that is kept.</summary>
    None,

    /// <summary>Its heavy edges.</summary>
    Full,

    /// <summary>Its heavy edges in the fast network.</summary>
    Fast,
}
