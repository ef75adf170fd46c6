using Poc.Intake.Partners;

namespace Poc.Intake.Tests.Partners;

public sealed class TokenBucketTests
{
    private static readonly DateTimeOffset Start = new(2021, 1, 19, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Gives_the_burst_at_once_and_no_more()
    {
        var bucket = new TokenBucket(perSecond: 2, burst: 5, Start);

        Assert.Equal((3, TimeSpan.Zero), bucket.Take(3, Start));
        Assert.Equal((2, TimeSpan.Zero), bucket.Take(3, Start));
        Assert.Equal((0, TimeSpan.FromSeconds(0.5)), bucket.Take(1, Start));
    }

    [Fact]
    public void Has_a_token_again_exactly_when_it_said()
    {
        var bucket = new TokenBucket(perSecond: 4, burst: 1, Start);
        bucket.Take(1, Start);
        var (_, retryAfter) = bucket.Take(1, Start + TimeSpan.FromMilliseconds(100));

        Assert.Equal(TimeSpan.FromMilliseconds(150), retryAfter);
        Assert.Equal(0, bucket.Take(1, Start + TimeSpan.FromMilliseconds(249)).Granted);
        Assert.Equal(1, bucket.Take(1, Start + TimeSpan.FromMilliseconds(250)).Granted);
    }

    [Fact]
    public void Never_holds_more_than_the_burst()
    {
        var bucket = new TokenBucket(perSecond: 100, burst: 3, Start);

        Assert.Equal(3, bucket.Take(10, Start + TimeSpan.FromDays(1)).Granted);
    }

    [Fact]
    public void A_clock_that_steps_back_gives_nothing()
    {
        var bucket = new TokenBucket(perSecond: 1, burst: 1, Start);
        bucket.Take(1, Start);

        Assert.Equal(0, bucket.Take(1, Start - TimeSpan.FromHours(1)).Granted);
        Assert.Equal(1, bucket.Take(1, Start + TimeSpan.FromSeconds(1)).Granted);
    }
}
