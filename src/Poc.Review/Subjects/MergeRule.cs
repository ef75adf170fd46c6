namespace Poc.Review.Subjects;

/// <summary>What is on record of a person that a merge must not change by itself.</summary>
/// <param name="Labels">Episodes in which the label is in force.</param>
/// <param name="InHand">Dossiers that a panel, or who drafts and signs, has in hand.</param>
/// <param name="Mandates">What was last decided for each aim: whether it is campaigned for.</param>
public sealed record PersonFacts(IReadOnlyCollection<string> Labels, IReadOnlyCollection<string> InHand, IReadOnlyDictionary<string, bool> Mandates);

/// <summary>What must be decided before two subjects can be one, or one can be two.</summary>
/// <param name="Labels">Episodes whose labels would stand beside each other: all but one must be ended, or withdrawn.</param>
/// <param name="Dossiers">Reviews that must be decided.</param>
/// <param name="Aims">Aims of mandates that were decided differently: a decision must say which holds.</param>
public sealed record Undecided(IReadOnlyList<string> Labels, IReadOnlyList<string> Dossiers, IReadOnlyList<string> Aims)
{
    /// <summary>Nothing must.</summary>
    public bool IsNothing => Labels.Count == 0 && Dossiers.Count == 0 && Aims.Count == 0;
}

/// <summary>
/// Finding out who somebody is decides nothing else: a merge gives nobody a second label, changes no mandate (DOMAIN, invariant 7), and is not made behind the back of a panel that was
/// seated, with its ties checked, for the person as known then.
/// </summary>
public static class MergeRule
{
    /// <summary>For two to be one.</summary>
    public static Undecided ForMerge(PersonFacts one, PersonFacts other) => new(
        one.Labels.Count > 0 && other.Labels.Count > 0 ? [.. one.Labels.Concat(other.Labels).Order(StringComparer.Ordinal)] : [],
        [.. one.InHand.Concat(other.InHand).Order(StringComparer.Ordinal)],
        [.. one.Mandates.Where(mandate => other.Mandates.TryGetValue(mandate.Key, out var inForce) && inForce != mandate.Value).Select(static mandate => mandate.Key).Order(StringComparer.Ordinal)]);

    /// <summary>For one to be two: each keeps its own labels and mandates, as they were decided.</summary>
    public static Undecided ForSeparation(PersonFacts person) => new([], [.. person.InHand.Order(StringComparer.Ordinal)], []);
}
