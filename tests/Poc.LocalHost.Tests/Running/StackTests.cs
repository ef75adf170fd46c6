using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.LocalHost.Tests.Running;

public sealed class StackTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Starts_a_waiter_only_when_what_it_waits_for_is_healthy()
    {
        var gate = Path.Combine(Testing.Servers.Folder, Path.GetRandomFileName());
        await using var stack = await TestStack.StartAsync(builder =>
        {
            var first = builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("first").WithEnvironment("SAMPLE_HEALTHY_WHEN", gate).WithHttpHealthCheck("/health", endpointName: "web").WithReplicas(2);
            builder.AddProject<Projects.Poc_LocalHost_Tests_Once>("second").WithEnvironment("ONCE_FILE", gate + ".second").WaitFor(first);
        });
        await stack.WaitAsync("first", snapshot => snapshot.Reason?.Contains("503", StringComparison.Ordinal) ?? false);
        Assert.Equal(KnownResourceStates.Waiting, (await stack.WaitAsync("second", snapshot => snapshot.State is not null)).Snapshot.State!.Text);
        Assert.False(File.Exists(gate + ".second"));

        await File.WriteAllTextAsync(gate, "", Cancellation);

        await stack.HealthyAsync("first");
        Assert.Equal(0, (await stack.EndedAsync("second")).Snapshot.ExitCode);
        Assert.True(File.Exists(gate + ".second"));
    }

    [Fact]
    public async Task Fails_a_waiter_whose_dependency_ends_with_another_exit_code_and_what_waits_for_it_in_turn()
    {
        await using var stack = await TestStack.StartAsync(builder =>
        {
            var once = builder.AddProject<Projects.Poc_LocalHost_Tests_Once>("once").WithEnvironment("ONCE_EXIT", "3");
            var waiter = builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("waiter").WaitForCompletion(once);
            builder.AddProject<Projects.Poc_LocalHost_Tests_Once>("last").WaitFor(waiter);
            builder.AddProject<Projects.Poc_LocalHost_Tests_Once>("content").WaitForCompletion(once, exitCode: 3);
        });
        var ended = await stack.EndedAsync("once");
        Assert.Equal((KnownResourceStates.Finished, 3), (ended.Snapshot.State!.Text, ended.Snapshot.ExitCode));
        var waiting = await stack.EndedAsync("waiter");
        Assert.Equal(KnownResourceStates.FailedToStart, waiting.Snapshot.State!.Text);
        Assert.Contains("'once'", waiting.Snapshot.Reason, StringComparison.Ordinal);
        Assert.Equal(KnownResourceStates.FailedToStart, (await stack.EndedAsync("last")).Snapshot.State!.Text);
        Assert.Equal(KnownResourceStates.Finished, (await stack.EndedAsync("content")).Snapshot.State!.Text);
    }

    [Fact]
    public async Task Deals_connections_out_to_the_replicas_behind_one_port()
    {
        await using var stack = await TestStack.StartAsync(builder =>
            builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("sample").WithReplicas(3).WithHttpHealthCheck("/health", endpointName: "web"));
        await stack.HealthyAsync("sample");
        var seen = new HashSet<int>();
        for (var call = 0; call < 6; call++)
        {
            seen.Add(await stack.ProcessAsync("sample")); // Each call is a connection of its own.
        }

        Assert.Equal(stack.Stack.RunnerOf("sample")!.ProcessIds.Order(), seen.Order());
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public async Task Starts_a_killed_service_again_behind_the_same_port_and_the_other_replica_serves_meanwhile()
    {
        await using var stack = await TestStack.StartAsync(builder =>
            builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("sample").WithReplicas(2).WithHttpHealthCheck("/health", endpointName: "web"));
        await stack.HealthyAsync("sample");
        var before = stack.Stack.RunnerOf("sample")!.ProcessIds.ToList();
        ProcessIdentity.Of(before[0])!.Value.Signal(Signals.Kill);

        await Eventually.BecomesTrueAsync(async () => await stack.ProcessAsync("sample") == before[1]);
        await stack.WaitAsync("sample", snapshot => snapshot.HealthStatus is HealthStatus.Healthy && !stack.Stack.RunnerOf("sample")!.ProcessIds.Contains(before[0]) && stack.Stack.RunnerOf("sample")!.ProcessIds.Count == 2);
        Assert.Contains(before[1], stack.Stack.RunnerOf("sample")!.ProcessIds);
    }

    [Fact]
    public async Task Does_not_start_a_program_again_that_ran_once()
    {
        var file = Path.Combine(Testing.Servers.Folder, Path.GetRandomFileName());
        await using (var stack = await TestStack.StartAsync(builder =>
        {
            var once = builder.AddProject<Projects.Poc_LocalHost_Tests_Once>("once").WithEnvironment("ONCE_FILE", file).WithEnvironment("ONCE_EXIT", "7");
            builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("after").WaitForCompletion(once, 7).WithHttpHealthCheck("/health", endpointName: "web");
        }))
        {
            await stack.HealthyAsync("after");
        }

        Assert.Equal(["once"], await File.ReadAllLinesAsync(file, Cancellation));
    }

    [Fact]
    public async Task Shows_the_resources_on_a_page_that_only_obeys_itself()
    {
        await using var stack = await TestStack.StartAsync(builder =>
            builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("sample").WithHttpHealthCheck("/health", endpointName: "web"));
        await stack.HealthyAsync("sample");
        var page = stack.Stack.StatusAddress;
        Assert.Contains("sample", await stack.Http.GetStringAsync(page, Cancellation), StringComparison.Ordinal);
        var process = await stack.ProcessAsync("sample");

        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(stack, page, origin: null));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(stack, page, origin: "http://evil.example"));
        using (var rebound = new HttpRequestMessage(HttpMethod.Get, page + "/resources") { Headers = { Host = "evil.example" } })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await stack.Http.SendAsync(rebound, Cancellation)).StatusCode);
        }

        Assert.Equal(process, await stack.ProcessAsync("sample"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(stack, page, origin: page)); // After the redirect back to the page.
        await Eventually.BecomesTrueAsync(async () => await stack.ProcessAsync("sample") is var now && now != process);
        var resources = await stack.Http.GetFromJsonAsync<List<Shown>>(page + "/resources", Cancellation);
        Assert.Equal("sample", Assert.Single(resources!).Name);
    }

    private static async Task<HttpStatusCode> PostAsync(TestStack stack, string page, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, page + "/resources/sample/restart");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return (await stack.Http.SendAsync(request, Cancellation)).StatusCode;
    }

    private sealed record Shown(string Name);
}
