namespace Poc.Notification.Deliveries;

/// <summary>Which of the languages there are is nearest to the one somebody reads.</summary>
internal static class Languages
{
    /// <summary>The language where nothing nearer is there.</summary>
    public const string Fallback = "en";

    /// <summary>
    /// RFC 4647 lookup: the tag itself, then with its last subtags taken away one by one; then any variant of the same primary language; then English; then the
    /// first.
    /// </summary>
    /// <param name="wanted">BCP 47 tag.</param>
    /// <param name="available">At least one BCP 47 tag.</param>
    public static string Choose(string wanted, IReadOnlyList<string> available)
    {
        for (var tag = wanted; tag.Length > 0; tag = tag.LastIndexOf('-') is > 0 and var cut ? tag[..cut] : "")
        {
            if (Find(tag) is { } exact)
            {
                return exact;
            }
        }

        var primary = Primary(wanted);
        return available.FirstOrDefault(tag => string.Equals(Primary(tag), primary, StringComparison.OrdinalIgnoreCase)) ?? Find(Fallback) ?? available[0];

        string? Find(string tag) => available.FirstOrDefault(candidate => string.Equals(candidate, tag, StringComparison.OrdinalIgnoreCase));
    }

    private static string Primary(string tag) => tag.Split('-', 2)[0];
}
