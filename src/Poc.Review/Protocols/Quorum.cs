using Poc.Contracts.Review.V1;

namespace Poc.Review.Protocols;

/// <summary>A vote that is in.</summary>
/// <param name="Staff">Who.</param>
/// <param name="Choice">How.</param>
public readonly record struct Vote(string Staff, Choice Choice);

/// <summary>When ballots may be opened. Counts only members without a declared or detected conflict (DOMAIN, invariant 5).</summary>
public static class Quorum
{
    /// <summary>Whether the last ballot that counts is in: then all are opened at once.</summary>
    /// <param name="eligible">Members without conflict.</param>
    /// <param name="cast">How many of them have voted.</param>
    /// <param name="quorum">The protocol's.</param>
    public static bool OpensAll(int eligible, int cast, int quorum) => cast == eligible && cast >= quorum;

    /// <summary>Whether an ended term opens the ballots: those that are in must make the quorum.</summary>
    public static bool OpensAtTerm(int cast, int quorum) => cast >= quorum;

    /// <summary>The votes of eligible members, counted.</summary>
    /// <param name="eligible">Members without conflict.</param>
    /// <param name="votes">All votes, those of conflicted members too: they are not counted.</param>
    public static Tally Count(IReadOnlySet<string> eligible, IEnumerable<Vote> votes)
    {
        var counted = votes.Where(vote => eligible.Contains(vote.Staff)).ToList();
        return new Tally
        {
            ForCount = counted.Count(static vote => vote.Choice == Choice.For),
            AgainstCount = counted.Count(static vote => vote.Choice == Choice.Against),
            AbstainCount = counted.Count(static vote => vote.Choice == Choice.Abstain),
            EligibleCount = eligible.Count,
        };
    }
}
