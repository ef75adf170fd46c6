using System.Security.Cryptography;
using Poc.Contracts.Review.V1;
using Poc.Review.Ballots;

namespace Poc.Review.Tests.Ballots;

public sealed class RoundKeyTests
{
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);
    private static readonly Ballot Vote = new() { Reviewer = "staff/a", Choice = Choice.For, Reason = "For a reason." };

    [Fact]
    public void Opens_what_it_sealed_where_it_belongs_and_nowhere_else()
    {
        var key = new RoundKey("dossiers/1", Secret);
        var assessment = Some.Assessment("statements/s1");
        Assert.Equal(Vote, key.OpenBallot("staff/a", key.Close("staff/a", Vote)));
        Assert.Equal(assessment, key.OpenAssessment("staff/a", "statements/s1", key.Close("staff/a", assessment)));

        Assert.ThrowsAny<CryptographicException>(() => key.OpenBallot("staff/b", key.Close("staff/a", Vote)));
        Assert.ThrowsAny<CryptographicException>(() => key.OpenAssessment("staff/a", "statements/s2", key.Close("staff/a", assessment)));
        Assert.ThrowsAny<CryptographicException>(() => new RoundKey("dossiers/2", Secret).OpenBallot("staff/a", key.Close("staff/a", Vote)));
        Assert.ThrowsAny<CryptographicException>(() => new RoundKey("dossiers/1", new byte[32]).OpenBallot("staff/a", key.Close("staff/a", Vote)));
        var changed = key.Close("staff/a", Vote);
        changed[20] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => key.OpenBallot("staff/a", changed));
    }

    [Fact]
    public void Neither_length_nor_repetition_tells_a_choice()
    {
        var key = new RoundKey("dossiers/1", Secret);
        var choices = new[] { Choice.For, Choice.Against, Choice.Abstain }.Select(choice => key.Close("staff/a", new Ballot(Vote) { Choice = choice, Reason = choice.ToString() })).ToList();
        Assert.Single(choices.Select(static @sealed => @sealed.Length).Distinct());
        Assert.NotEqual(key.Close("staff/a", Vote), key.Close("staff/a", Vote));
        Assert.True(key.Close("staff/a", new Ballot(Vote) { Reason = new string('x', 300) }).Length > choices[0].Length); // a long reason is seen to be long
    }

    [Fact]
    public void A_fingerprint_tells_contents_apart_and_needs_the_key()
    {
        var key = new RoundKey("dossiers/1", Secret);
        Assert.Equal(key.Fingerprint(Vote), key.Fingerprint(Vote.Clone()));
        Assert.NotEqual(key.Fingerprint(Vote), key.Fingerprint(new Ballot(Vote) { Choice = Choice.Against }));
        Assert.NotEqual(key.Fingerprint(Vote), new RoundKey("dossiers/1", new byte[32]).Fingerprint(Vote));
    }

    [Theory]
    [InlineData("k", "k", 32, true)]
    [InlineData("", "k", 32, false)]
    [InlineData("k", "other", 32, false)]
    [InlineData("k", "k", 31, false)]
    [InlineData("k", "k", 33, false)]
    public void Master_keys_are_32_bytes_and_the_current_one_is_there(string current, string id, int length, bool usable) =>
        Assert.Equal(usable, new SealKeysOptions { CurrentKey = current, Keys = { [id] = Convert.ToBase64String(new byte[length]) } }.AreUsable());
}
