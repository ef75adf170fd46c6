namespace Poc.Review.Panels;

/// <summary>Who may judge.</summary>
public static class PanelEligibility
{
    /// <summary>Those of the people who cannot judge an appeal, because they decided, drafted or signed what is appealed (DOMAIN, invariant 6).</summary>
    /// <param name="people">Members to be seated, or whoever wants to draft or sign.</param>
    /// <param name="decided">Everybody who took part in the decision that is appealed and, where that was an appeal too, in those before it.</param>
    public static IReadOnlyList<string> Conflicted(IEnumerable<string> people, IReadOnlySet<string> decided) => [.. people.Where(decided.Contains)];
}
