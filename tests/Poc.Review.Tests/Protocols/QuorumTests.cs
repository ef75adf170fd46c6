using CsCheck;
using Poc.Contracts.Review.V1;
using Poc.Review.Protocols;

namespace Poc.Review.Tests.Protocols;

public sealed class QuorumTests
{
    private static readonly Gen<Choice> Choices = Gen.Int[1, 3].Select(static number => (Choice)number);

    [Fact]
    public void Votes_of_conflicted_members_are_not_counted()
    {
        var tally = Quorum.Count(new HashSet<string> { "a", "b" }, [new Vote("a", Choice.For), new Vote("b", Choice.Abstain),
            new Vote("conflicted", Choice.Against)]);
        Assert.Equal(new Tally { ForCount = 1, AbstainCount = 1, EligibleCount = 2 }, tally);
    }

    [Fact]
    public void Counting_adds_up_for_any_panel() => Gen.Select(Gen.Bool, Gen.Bool, Choices).Array[0, 30].Sample(static panel =>
    {
        var members = panel.Select(static (member, index) => (Name: $"m{index}", Eligible: member.Item1, Voted: member.Item2, Choice: member.Item3)).ToList();
        var eligible = members.Where(static member => member.Eligible).Select(static member => member.Name).ToHashSet();
        var tally = Quorum.Count(eligible, members.Where(static member => member.Voted).Select(static member => new Vote(member.Name, member.Choice)));
        Assert.Equal(members.Count(static member => member.Eligible && member.Voted), tally.ForCount + tally.AgainstCount + tally.AbstainCount);
        Assert.Equal(eligible.Count, tally.EligibleCount);
    });

    [Fact]
    public void Ballots_open_only_when_the_last_one_that_counts_is_in_and_the_quorum_is_there()
    {
        Assert.True(Quorum.OpensAll(eligible: 5, cast: 5, quorum: 3));
        Assert.False(Quorum.OpensAll(eligible: 5, cast: 4, quorum: 3));
        Assert.False(Quorum.OpensAll(eligible: 2, cast: 2, quorum: 3));
    }

    [Fact]
    public void The_end_of_the_term_needs_the_quorum()
    {
        Assert.True(Quorum.OpensAtTerm(cast: 3, quorum: 3));
        Assert.False(Quorum.OpensAtTerm(cast: 2, quorum: 3));
    }
}
