using Poc.Notification.Deliveries;

namespace Poc.Notification.Tests.Deliveries;

public sealed class BackoffTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(5, 80)]
    [InlineData(10, 2560)]
    [InlineData(11, 3600)]
    [InlineData(1000, 3600)]
    public void Doubles_the_wait_up_to_the_longest(int failures, double seconds) =>
        Assert.Equal(seconds, Backoff.After(failures, First, Longest, random: 0).TotalSeconds, precision: 3);

    [Fact]
    public void Adds_at_most_a_fifth() => Assert.Equal(6, Backoff.After(1, First, Longest, random: 1).TotalSeconds, precision: 3);
}
