namespace Poc.EndToEnd.Tests;

/// <summary>A run of the story in which each service is killed in the middle of what concerns it most.</summary>
public sealed class DisturbedStory : IAsyncLifetime
{
    // Where in the story a service is killed: at the first line that holds these words.
    private static readonly (string Service, string At)[] Kills =
    [
        ("archive", "S1 is archived"),
        ("review", "The panel sits under"),
        ("intake", "100 of 412 filed"),
        ("notification", "A leak"),
    ];

    internal int ExitCode { get; private set; }

    internal IReadOnlyList<string> Transcript { get; private set; } = [];

    /// <summary>What happened to each service's process, and whether the story was still being told.</summary>
    internal Dictionary<string, (bool IsAnother, bool InTheMiddle)> Restarts { get; } = [];

    public async ValueTask InitializeAsync()
    {
        await using var stack = LaunchedStack.Launch(LaunchedStack.NewState(), playStory: true);
        foreach (var (service, at) in Kills)
        {
            await stack.WaitAsync(
                () => Task.FromResult(stack.Transcript.Any(line => line.Contains(at, StringComparison.Ordinal))),
                LaunchedStack.StartPatience + LaunchedStack.StoryPatience,
                $"the story to tell '{at}'");
            var before = (await stack.ResourceAsync(service)).Processes;
            var inTheMiddle = !stack.Transcript.Any(static line => line.Contains("outcomes agreed", StringComparison.Ordinal));
            await stack.KillAsync(service);
            Restarts[service] = (!(await stack.ResourceAsync(service)).Processes.Intersect(before).Any(), inTheMiddle);
        }

        ExitCode = await stack.EndAsync();
        Transcript = stack.Transcript;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class KillTests(DisturbedStory story) : IClassFixture<DisturbedStory>
{
    [Theory]
    [InlineData("archive")]
    [InlineData("review")]
    [InlineData("intake")]
    [InlineData("notification")]
    public void Kill_9_of_a_service_in_the_middle_leaves_every_outcome_agreed(string service)
    {
        Assert.Equal((IsAnother: true, InTheMiddle: true), story.Restarts[service]);
        Assert.True(story.ExitCode == 0, $"The story ended with {story.ExitCode}.\n{string.Join('\n', story.Transcript)}");
        Assert.Contains(story.Transcript, static line => line.Contains(" outcomes agreed, 0 differ", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_was_told_twice_in_an_inbox()
    {
        var rows = story.Transcript.Where(static line => line.Contains("told twice", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(rows);
        Assert.All(rows, static row => Assert.EndsWith("✓", row, StringComparison.Ordinal));
    }
}
