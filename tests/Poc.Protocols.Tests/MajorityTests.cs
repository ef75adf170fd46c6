using CsCheck;
using Poc.Contracts.Review.V1;

namespace Poc.Protocols.Tests;

public sealed class MajorityTests
{
    private static readonly Gen<Tally> Tallies = Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[0, 40], static (@for, against, abstain) =>
        new Tally { ForCount = @for, AgainstCount = against, AbstainCount = abstain, EligibleCount = @for + against + abstain });

    [Fact]
    public void A_tie_does_not_pass()
    {
        Assert.False(Majority.ExceedsAgainst.Passes(new Tally { ForCount = 2, AgainstCount = 2 }));
        Assert.False(Majority.ExceedsAgainst.Passes(new Tally()));
        Assert.True(Majority.ExceedsAgainst.Passes(new Tally { ForCount = 3, AgainstCount = 2 }));
    }

    [Fact]
    public void A_share_is_of_those_for_and_against_and_is_reached_exactly()
    {
        var twoThirds = Majority.Share(2, 3);
        Assert.True(twoThirds.Passes(new Tally { ForCount = 4, AgainstCount = 2 }));
        Assert.False(twoThirds.Passes(new Tally { ForCount = 3, AgainstCount = 2 }));
        Assert.False(twoThirds.Passes(new Tally { AbstainCount = 5 }));
    }

    [Fact]
    public void Abstentions_change_nothing() => Gen.Select(Tallies, Gen.Int[0, 40]).Sample((tally, more) =>
    {
        var other = tally.Clone();
        other.AbstainCount += more;
        return Both(static (rule, tallies) => rule.Passes(tallies.One) == rule.Passes(tallies.Other), (One: tally, Other: other));
    });

    [Fact]
    public void One_more_vote_for_never_undoes_a_pass() => Tallies.Sample(tally =>
    {
        var other = tally.Clone();
        other.ForCount++;
        return Both(static (rule, tallies) => !rule.Passes(tallies.One) || rule.Passes(tallies.Other), (One: tally, Other: other));
    });

    [Fact]
    public void A_question_and_its_opposite_never_both_pass() => Tallies.Sample(static tally =>
    {
        var opposite = new Tally { ForCount = tally.AgainstCount, AgainstCount = tally.ForCount };
        return Both(static (rule, tallies) => !(rule.Passes(tallies.One) && rule.Passes(tallies.Other)), (One: tally, Other: opposite));
    });

    private static bool Both(Func<Majority, (Tally One, Tally Other), bool> holds, (Tally One, Tally Other) tallies) => holds(Majority.ExceedsAgainst, tallies)
        && holds(Majority.Share(3, 5), tallies);
}
