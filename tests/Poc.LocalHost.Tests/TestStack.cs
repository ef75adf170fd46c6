using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Poc.LocalHost.Running;

namespace Poc.LocalHost.Tests;

/// <summary>A stack in this process, on random ports and in a state folder of its own.</summary>
internal sealed class TestStack : IAsyncDisposable
{
    private static int _count;

    private TestStack(DistributedApplication app) => App = app;

    public DistributedApplication App { get; }

    public HttpClient Http { get; } = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });

    public Stack Stack => App.Services.GetRequiredService<Stack>();

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static string NewFolder() => Path.Combine(Testing.Servers.Folder, $"state-{Interlocked.Increment(ref _count)}");

    public static DistributedApplicationBuilder NewBuilder(string folder, params string[] args) =>
        new([.. args, "--StateFolder", folder, "--DcpPublisher:RandomizePorts", "true"], null);

    /// <summary>Starts a stack and returns while its resources are starting.</summary>
    public static async Task<TestStack> StartAsync(Action<IDistributedApplicationBuilder> describe, params string[] args)
    {
        var builder = NewBuilder(NewFolder(), args);
        describe(builder);
        var stack = new TestStack(builder.Build());
        await stack.App.StartAsync(Cancellation);
        return stack;
    }

    public async Task<ResourceEvent> WaitAsync(string resource, Func<CustomResourceSnapshot, bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(90));
        return await App.ResourceNotifications.WaitForResourceAsync(resource, change => condition(change.Snapshot), deadline.Token);
    }

    public Task<ResourceEvent> HealthyAsync(string resource) => WaitAsync(resource, snapshot => snapshot.HealthStatus is HealthStatus.Healthy);

    public Task<ResourceEvent> EndedAsync(string resource) => WaitAsync(resource, snapshot => snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text));

    public string Url(string resource, string endpoint = "web") => Stack.Resources.Single(one => one.Name == resource).EndpointNamed(endpoint).PublicUrl;

    public Task<int> ProcessAsync(string resource) => Http.GetFromJsonAsync<int>(Url(resource) + "/process", Cancellation);

    public async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(string resource) =>
        (await Http.GetFromJsonAsync<Dictionary<string, string>>(Url(resource) + "/environment", JsonSerializerOptions.Web, Cancellation))!;

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        Http.Dispose();
    }
}
