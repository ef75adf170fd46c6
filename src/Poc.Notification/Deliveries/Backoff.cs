namespace Poc.Notification.Deliveries;

/// <summary>How long to wait before trying again.</summary>
internal static class Backoff
{
    /// <summary>
    /// The first wait, doubled for each failed attempt after the first, at most the longest, and up to a fifth more, so that what failed together does not come
    /// back together.
    /// </summary>
    /// <param name="failures">Failed attempts so far, from 1.</param>
    /// <param name="first">Wait after the first.</param>
    /// <param name="longest">Longest wait before the addition.</param>
    /// <param name="random">From 0 to 1: how much of the fifth is added.</param>
    public static TimeSpan After(int failures, TimeSpan first, TimeSpan longest, double random)
    {
        var doubled = first.TotalMilliseconds * Math.Pow(2, failures - 1);
        return TimeSpan.FromMilliseconds(Math.Min(doubled, longest.TotalMilliseconds) * (1 + (random / 5)));
    }
}
