using Poc.Contracts.Review.V1;

namespace Poc.Protocols;

/// <summary>When a vote passes. Abstentions count for the quorum and not here.</summary>
public sealed record Majority
{
    private readonly int _numerator;
    private readonly int _denominator;

    private readonly bool _tiePasses;

    private Majority(int numerator, int denominator, bool tiePasses = false) => (_numerator, _denominator, _tiePasses) = (numerator, denominator, tiePasses);

    /// <summary>More votes for than against; a tie does not pass.</summary>
    public static Majority ExceedsAgainst { get; } = new(0, 0);

    /// <summary>As many votes for as against, or more, and at least one for: a tie passes.</summary>
    public static Majority MatchesAgainst { get; } = new(0, 0, tiePasses: true);

    /// <summary>At least one vote for, and votes for are at least this share of those for and against.</summary>
    public static Majority Share(int numerator, int denominator) => new(numerator, denominator);

    /// <summary>Whether the counted votes answer the question of the review with yes.</summary>
    public bool Passes(Tally tally) => _denominator == 0
        ? tally.ForCount > tally.AgainstCount || _tiePasses && tally.ForCount > 0 && tally.ForCount == tally.AgainstCount
        : tally.ForCount > 0 && (long)tally.ForCount * _denominator >= (long)(tally.ForCount + tally.AgainstCount) * _numerator;

    /// <summary>In words, for people: <c>more for than against</c>, <c>at least 2/3 for</c>.</summary>
    public override string ToString() => _denominator == 0
        ? _tiePasses ? "at least as many for as against" : "more for than against"
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"at least {_numerator}/{_denominator} for");
}
