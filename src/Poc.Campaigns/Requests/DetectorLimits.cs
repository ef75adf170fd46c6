namespace Poc.Campaigns.Requests;

/// <summary>The detector's fixed numbers. Changing one makes another detector version.</summary>
public static class DetectorLimits
{
    /// <summary>Names rules, limits and seeds; kept with every finding.</summary>
    public const string Version = "requests-1";

    /// <summary>How long a request is compared with later ones: 14 days, in seconds.</summary>
    public const long WindowSeconds = 14 * 86_400;

    /// <summary>The newest requests that an index keeps under one key.</summary>
    public const int NewestPerKey = 64;

    /// <summary>Candidates that are compared with one request.</summary>
    public const int Verified = 256;

    /// <summary>Members that stand for a cluster, spread over its time.</summary>
    public const int SpreadMembers = 8;

    /// <summary>Jaccard similarity from which two letters were made from the same form, whatever is usual among others.</summary>
    public const double SameForm = 0.65;

    /// <summary>Independent sources a campaign needs; an organisation is one.</summary>
    public const int Sources = 5;

    /// <summary>The adjusted p below which a cluster is raised.</summary>
    public const double AdjustedP = 0.01;

    /// <summary>Requests kept in memory at most; beyond it the oldest leave before their 14 days are over.</summary>
    public const int WindowRequests = 250_000;
}
