using System.Globalization;
using Poc.Contracts.Review.V1;

namespace Poc.Protocols;

/// <summary>One thing in which two versions of the rules differ.</summary>
/// <param name="Section">What it belongs to: <c>criteria</c>, <c>panel</c>, …</param>
/// <param name="Path">What it is, for example <c>panel.quorum</c> or <c>criteria.time-and-change.text</c>.</param>
/// <param name="Before">What the first version says; null where it says nothing.</param>
/// <param name="After">What the second version says; null where it says nothing.</param>
public sealed record RulesChange(string Section, string Path, string? Before, string? After)
{
    /// <summary><c>added</c>, <c>removed</c> or <c>changed</c>.</summary>
    public string Kind => Before is null ? "added" : After is null ? "removed" : "changed";
}

/// <summary>
/// Compares what two documents mean, not how they are written: order of keys, quotes, comments and line breaks make no difference. Order counts where the
/// service follows it (signatures, waves of audiences).
/// </summary>
public static class RulesDiff
{
    /// <summary>All differences, in the order of a document; none when both mean the same. The version numbers are none.</summary>
    public static IReadOnlyList<RulesChange> Between(Rules before, Rules after)
    {
        var (left, right) = (Facts(before), Facts(after));
        var order = left.Select(static fact => fact.Path).Concat(right.Select(static fact => fact.Path)).Distinct(StringComparer.Ordinal);
        var (old, @new) = (left.ToDictionary(static fact => fact.Path, StringComparer.Ordinal), right.ToDictionary(static fact => fact.Path, StringComparer.Ordinal));
        return
        [
            .. from path in order
               let was = old.GetValueOrDefault(path)
               let @is = @new.GetValueOrDefault(path)
               where was?.Value != @is?.Value
               orderby Array.IndexOf(Sections, (was ?? @is)!.Section)
               select new RulesChange((was ?? @is)!.Section, path, was?.Value, @is?.Value),
        ];
    }

    private static readonly string[] Sections =
        ["title", "effective", "questions", "criteria", "admissibility", "rabat", "panel", "majority", "terms", "signatures", "audiences", "appellants"];

    private static List<Fact> Facts(Rules rules)
    {
        var facts = new List<Fact> { new("title", "title", rules.Title) };
        if (rules.EffectiveFrom is { } day)
        {
            facts.Add(new("effective", "effective_from", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        }

        facts.AddRange(rules.Questions.Select(static question => new Fact("questions", "questions." + Name(question), "answered")));
        foreach (var criterion in rules.Criteria)
        {
            facts.Add(new("criteria", $"criteria.{criterion.Id}.paragraph", criterion.Paragraph));
            facts.Add(new("criteria", $"criteria.{criterion.Id}.text", criterion.Text));
            facts.Add(new("criteria", $"criteria.{criterion.Id}.questions", string.Join(", ", criterion.Questions.Order().Select(Name))));
        }

        facts.AddRange(rules.Admissibility.OrderBy(static rule => rule.Key).Select(static rule => new Fact("admissibility", "admissibility." + Name(rule.Key),
            $"{(rule.Value.All ? "all" : "any")} of {string.Join(", ", rule.Value.Criteria.Order(StringComparer.Ordinal))}")));
        facts.AddRange(rules.Factors.Select(static factor => new Fact("rabat", $"rabat.{factor.Id}.guidance", factor.Guidance)));
        facts.Add(new("panel", "panel.minimum_size", Number(rules.MinimumPanel)));
        if (rules.MaximumPanel is { } maximum)
        {
            facts.Add(new("panel", "panel.maximum_size", Number(maximum)));
        }

        facts.Add(new("panel", "panel.quorum", Number(rules.Quorum)));
        facts.Add(new("majority", "majority", rules.Majority.ToString()));
        facts.Add(new("terms", "voting_term_days", Number((int)rules.VotingTerm.TotalDays)));
        if (rules.Precedents is { } precedents)
        {
            facts.Add(new("precedents", "precedents", $"answer the {Number(precedents.Answer)} nearest that were decided otherwise, from {Number(precedents.Nearness)}% on"));
        }

        facts.Add(new("signatures", "signatures", string.Join(", ", rules.Signatures)));
        facts.Add(new("audiences", "mandatory_audiences", string.Join(", then ", rules.MandatoryAudiences)));
        facts.AddRange(rules.Appellants.Select(static appellant => new Fact("appellants", "appellants." + appellant, "has standing")));
        return facts;
    }

    private static string Name(QuestionType question) => question.ToString().ToLowerInvariant();

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed record Fact(string Section, string Path, string Value);
}
