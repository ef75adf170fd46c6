using System.Text;
using Poc.Kernel.Notes;

namespace Poc.Kernel.Tests.Notes;

public sealed class TrustPolicyTests : IDisposable
{
    private readonly NoteSigner _log = new("log.example", Seed(1));
    private readonly Cosigner[] _witnesses = [.. Enumerable.Range(2, 6).Select(i => new Cosigner($"w{i}.example", Seed(i)))];

    public void Dispose()
    {
        _log.Dispose();
        Array.ForEach(_witnesses, witness => witness.Dispose());
    }

    [Fact]
    public void A_quorum_of_groups_is_met_only_by_enough_of_each()
    {
        // The shape of the example in the format's own text: two of three, and one of three.
        var policy = Parse(
            $"""
            # whom we believe
            log {_log.PublicKey} https://log.example

              witness X1 {Key(0)}
            witness X2 {Key(1)} https://x2.example
            witness X3	{Key(2)}
            group X 2 X1 X2 X3
            witness Y1 {Key(3)}
            witness Y2 {Key(4)}
            witness Y3 {Key(5)}
            group Y any Y1 Y2 Y3
            group X-and-Y all X Y
            quorum X-and-Y

            """);

        Assert.Equal(["log.example"], policy.Logs.Select(log => log.Name));
        Assert.True(Meets(policy, 0, 2, 5));
        Assert.True(Meets(policy, 0, 1, 2, 3, 4, 5));
        Assert.False(Meets(policy, 0, 1, 2));
        Assert.False(Meets(policy, 0, 3, 4, 5));
        Assert.False(Meets(policy));
        Assert.False(policy.NeedsNoWitness);
    }

    [Fact]
    public void A_single_witness_or_none_may_be_the_quorum()
    {
        Assert.True(Meets(Parse($"witness w {Key(0)}\nquorum w\n"), 0));
        Assert.False(Meets(Parse($"witness w {Key(0)}\nwitness v {Key(1)}\nquorum w\n"), 1));
        var none = Parse($"witness w {Key(0)}\nquorum none\n");
        Assert.True(none.NeedsNoWitness && Meets(none));
    }

    [Fact]
    public void Authorities_and_what_is_asked_of_them_are_lines_of_our_own()
    {
        var policy = Parse("quorum none\nauthority tsa AQID\ntimestamp all\n");
        Assert.Equal([1, 2, 3], policy.Authorities.Single().Certificate);
        Assert.Equal(StampRule.All, policy.Stamps);
        Assert.Equal(StampRule.None, Parse("quorum none\n").Stamps);
    }

    [Theory]
    [InlineData("")]
    [InlineData("quorum none")] // no newline
    [InlineData("log LOG\n")] // no quorum
    [InlineData("quorum none\nquorum none\n")]
    [InlineData("quorum w\nwitness w W0\n")] // before its definition
    [InlineData("witness w W0\nwitness w W1\nquorum w\n")]
    [InlineData("witness w W0\nwitness v W0\nquorum w\n")] // one key twice
    [InlineData("log LOG\nlog LOG\nquorum none\n")]
    [InlineData("log W0\nquorum none\n")] // a witness's key
    [InlineData("witness w LOG\nquorum w\n")]
    [InlineData("witness none W0\nquorum none\n")]
    [InlineData("witness w W0\ngroup g 2 w\nquorum g\n")]
    [InlineData("witness w W0\ngroup g 0 w\nquorum g\n")]
    [InlineData("witness w W0\ngroup g +1 w\nquorum g\n")]
    [InlineData("witness w W0\ngroup g any\nquorum g\n")]
    [InlineData("witness w W0\ngroup g any none\nquorum g\n")]
    [InlineData("witness w W0\ngroup g any w w\nquorum g\n")]
    [InlineData("witness w W0\ngroup g any w\ngroup h any w g\nquorum h\n")] // counted twice
    [InlineData("quorum none\r\n")]
    [InlineData("witnesses w W0\nquorum none\n")]
    [InlineData("quorum none\ntimestamp some\n")]
    [InlineData("quorum none\nauthority tsa !\n")]
    [InlineData("log log.example+00000000+AAAA\nquorum none\n")]
    public void Refuses_what_is_not_a_policy(string text) => Assert.Throws<FormatException>(
        () => Parse(text.Replace("LOG", _log.PublicKey.ToString(), StringComparison.Ordinal).Replace("W0", Key(0), StringComparison.Ordinal).Replace("W1", Key(1), StringComparison.Ordinal)));

    private static byte[] Seed(int i) => [.. Enumerable.Repeat((byte)i, 32)];

    private static TrustPolicy Parse(string text) => TrustPolicy.Parse(Encoding.UTF8.GetBytes(text));

    private string Key(int i) => _witnesses[i].PublicKey.ToString();

    private bool Meets(TrustPolicy policy, params int[] cosigners) => policy.IsQuorum([.. cosigners.Select(i => policy.Witnesses.Single(key => key.ToString() == Key(i)))]);
}
