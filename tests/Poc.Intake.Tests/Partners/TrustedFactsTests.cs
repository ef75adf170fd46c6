using Poc.Intake.Partners;
using Poc.Testing;

namespace Poc.Intake.Tests.Partners;

public sealed class TrustedFactsTests
{
    private readonly Stopped _clock = new();

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_trusted_is_not_read_again_and_what_is_not_is()
    {
        var reads = 0;
        var facts = new TrustedFacts<string>(TimeSpan.FromSeconds(3), _clock, (id, _) => Task.FromResult<string?>($"{id} {++reads}"));

        Assert.Equal("a 1", await facts.OfAsync("a", Ended));
        _clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal("a 1", await facts.OfAsync("a", Ended));
        _clock.Now += TimeSpan.FromSeconds(3);
        Assert.Equal("a 2", await facts.OfAsync("a", Ended));
    }

    [Fact]
    public async Task What_is_in_use_is_read_again_once_and_nobody_waits_for_it()
    {
        var (reads, slow) = (0, new TaskCompletionSource<string?>());
        var facts = new TrustedFacts<string>(TimeSpan.FromSeconds(3), _clock, (_, _) => ++reads == 1 ? Task.FromResult<string?>("first") : slow.Task);
        await facts.OfAsync("a", Ended);
        _clock.Now += TimeSpan.FromSeconds(2);

        Assert.Equal("first", await facts.OfAsync("a", Ended));
        Assert.Equal("first", await facts.OfAsync("a", Ended));
        Assert.Equal(2, reads);
        slow.SetResult("second");
        await Eventually.BecomesTrueAsync(async () => await facts.OfAsync("a", Ended) == "second");
        // Trusted from when it was asked for, not from when it came.
        _clock.Now += TimeSpan.FromSeconds(3);
        await facts.OfAsync("a", Ended);
        Assert.Equal(3, reads);
    }

    [Fact]
    public async Task A_reading_beside_the_calls_that_fails_leaves_the_trust_as_it_was()
    {
        var reads = 0;
        var facts = new TrustedFacts<string>(TimeSpan.FromSeconds(3), _clock, (_, _) => ++reads == 1 ? Task.FromResult<string?>("first") : Task.FromException<string?>(new TimeoutException()));
        await facts.OfAsync("a", Ended);
        _clock.Now += TimeSpan.FromSeconds(2);

        Assert.Equal("first", await facts.OfAsync("a", Ended));

        _clock.Now += TimeSpan.FromSeconds(1);
        await Assert.ThrowsAsync<TimeoutException>(async () => await facts.OfAsync("a", Ended));
    }

    [Fact]
    public async Task What_is_not_there_is_asked_for_each_time_and_what_went_is_forgotten()
    {
        var fact = "here";
        var facts = new TrustedFacts<string>(TimeSpan.FromSeconds(3), _clock, (_, _) => Task.FromResult<string?>(fact));
        Assert.Equal("here", await facts.OfAsync("a", Ended));
        fact = null;
        _clock.Now += TimeSpan.FromSeconds(3);

        Assert.Null(await facts.OfAsync("a", Ended));
        fact = "back";
        Assert.Equal("back", await facts.OfAsync("a", Ended));
    }

    private sealed class Stopped : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2021, 1, 19, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
