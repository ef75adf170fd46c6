using Poc.Contracts.Review.V1;

namespace Poc.Review.Protocols;

/// <summary>When a vote passes. Abstentions count for the quorum and not here.</summary>
public sealed record Majority
{
    private readonly int _numerator;
    private readonly int _denominator;

    private Majority(int numerator, int denominator) => (_numerator, _denominator) = (numerator, denominator);

    /// <summary>More votes for than against; a tie does not pass.</summary>
    public static Majority ExceedsAgainst { get; } = new(0, 0);

    /// <summary>At least one vote for, and votes for are at least this share of those for and against.</summary>
    public static Majority Share(int numerator, int denominator) => new(numerator, denominator);

    /// <summary>Whether the counted votes answer the question of the review with yes.</summary>
    public bool Passes(Tally tally) => _denominator == 0
        ? tally.ForCount > tally.AgainstCount
        : tally.ForCount > 0 && (long)tally.ForCount * _denominator >= (long)(tally.ForCount + tally.AgainstCount) * _numerator;
}
