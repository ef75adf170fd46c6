using System.Globalization;

namespace Poc.Protocols;

/// <summary>What documents that are used together must hold to: the versions of one organisation.</summary>
public static class ProtocolSet
{
    /// <summary>What is wrong or doubtful between the documents; what is wrong in one of them is <see cref="RulesDocument.Check"/>'s.</summary>
    /// <param name="documents">Documents without errors, by the names they are known by.</param>
    public static IReadOnlyList<Finding> Check(IEnumerable<(string Source, Rules Rules)> documents)
    {
        var findings = new List<Finding>();
        (string Source, Rules Rules)? before = null;
        (string Source, DateOnly Day, int Version)? since = null;
        foreach (var document in documents.OrderBy(static each => each.Rules.Version).ThenBy(static each => each.Source, StringComparer.Ordinal))
        {
            var (source, rules) = document;
            if (before?.Rules.Version == rules.Version)
            {
                Report(source, rules, "version", Severity.Error, "version-duplicate", "version", $"{rules.Version} is the version of {before.Value.Source} already");
            }
            else if (before is { } previous && previous.Rules.Version + 1 < rules.Version)
            {
                Report(source, rules, "version", Severity.Warning, "version-gap", "version", $"follows {previous.Rules.Version} of {previous.Source}: a reader will look for what is between them");
            }

            // Days need not be given; those that are ascend with the versions, whatever lies between.
            if (rules.EffectiveFrom is { } day)
            {
                if (since is { } earlier && day <= earlier.Day && rules.Version != earlier.Version)
                {
                    Report(source, rules, "effective_from", Severity.Error, "effective-order", "effective_from",
                        $"{Text(day)} is not after {Text(earlier.Day)}, from which the lower version {earlier.Version} ({earlier.Source}) is effective");
                }

                since = (source, day, rules.Version);
            }
            else if (since is { } earlier)
            {
                Report(source, rules, "version", Severity.Error, "effective-order", "effective_from",
                    $"is missing, so that version {rules.Version} is effective at once, while the lower version {earlier.Version} ({earlier.Source}) waits until {Text(earlier.Day)}");
            }

            before = document;
        }

        return findings;

        void Report(string source, Rules rules, string key, Severity severity, string rule, string path, string message) =>
            findings.Add(new Finding(source, LineOf(rules.Document, key), 1, severity, rule, path, message));
    }

    private static int LineOf(string document, string key) =>
        Math.Max(0, Array.FindIndex(document.Split('\n'), line => line.StartsWith(key + ":", StringComparison.Ordinal))) + 1;

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
