namespace Poc.Review.Panels;

/// <summary>Who may judge.</summary>
public static class PanelEligibility
{
    /// <summary>Those of the people who cannot judge an appeal, because they decided, drafted or signed what is appealed (DOMAIN, invariant 6).</summary>
    /// <param name="people">Members to be seated, or whoever wants to draft or sign.</param>
    /// <param name="decided">Everybody who took part in the decision that is appealed and, where that was an appeal too, in those before it.</param>
    public static IReadOnlyList<string> Conflicted(IEnumerable<string> people, IReadOnlySet<string> decided) => [.. people.Where(decided.Contains)];

    /// <summary>Whether the seat of a member can be given to somebody else: they stepped back from it, and nobody has it yet.</summary>
    /// <param name="member">Whose seat it was.</param>
    /// <param name="steppedBack">Members with a conflict.</param>
    /// <param name="replaced">Members whose seat somebody else has.</param>
    public static bool IsVacant(string member, IReadOnlySet<string> steppedBack, IReadOnlySet<string> replaced) => steppedBack.Contains(member) && !replaced.Contains(member);
}
