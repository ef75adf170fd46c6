using Poc.AppHost;

namespace Poc.LocalHost.Tests.AppHost;

public sealed class StoryRunTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4", 4)]
    public async Task Ends_with_the_storys_exit_code_and_stops_what_it_had_started(string told, int expected)
    {
        var transcript = Path.Combine(TestStack.NewFolder(), "transcript.txt");
        var builder = TestStack.NewBuilder(TestStack.NewFolder());
        var service = builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("service").WithHttpHealthCheck("/health", endpointName: "web");
        builder.AddProject<Projects.Poc_LocalHost_Tests_Once>("story").WithEnvironment("ONCE_FILE", transcript).WithEnvironment("ONCE_EXIT", told).WaitFor(service);
        var app = builder.Build();
        var notifications = app.ResourceNotifications;

        Assert.Equal(expected, await StoryRun.ToItsEndAsync(app, transcript));

        Assert.Equal(["once"], await File.ReadAllLinesAsync(transcript, TestContext.Current.CancellationToken));
        Assert.Equal(KnownResourceStates.Exited, await notifications.WaitForResourceAsync("service", KnownResourceStates.TerminalStates, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Fails_when_the_story_cannot_start()
    {
        var builder = TestStack.NewBuilder(TestStack.NewFolder());
        var once = builder.AddProject<Projects.Poc_LocalHost_Tests_Once>("once").WithEnvironment("ONCE_EXIT", "9");
        builder.AddProject<Projects.Poc_LocalHost_Tests_Once>("story").WaitForCompletion(once);
        Assert.Equal(1, await StoryRun.ToItsEndAsync(builder.Build(), Path.Combine(TestStack.NewFolder(), "transcript.txt")));
    }

    [Fact]
    public async Task Fails_when_a_parameter_is_missing()
    {
        var builder = TestStack.NewBuilder(TestStack.NewFolder());
        builder.AddParameter("missing");
        Assert.Equal(1, await StoryRun.ToItsEndAsync(builder.Build(), Path.Combine(TestStack.NewFolder(), "transcript.txt")));
    }
}
