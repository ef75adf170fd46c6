using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Poc.LocalHost.Running;

/// <summary>Runs one resource, from waiting for others to its end, and says at every step how it stands.</summary>
internal abstract class ResourceRunner(Stack stack, Resource resource)
{
    /// <summary>How often a resource that is not healthy yet is asked again.</summary>
    protected static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a healthy resource is asked whether it still is.</summary>
    protected static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Func<Task> _cancel = () => Task.CompletedTask;
    private Task _running = Task.CompletedTask;

    protected Stack Stack { get; } = stack;

    internal Resource Resource { get; } = resource;

    /// <summary>The log files of its processes.</summary>
    internal abstract IReadOnlyList<string> LogFiles { get; }

    /// <summary>Where it can be reached, for a person to read.</summary>
    internal abstract IReadOnlyList<string> Addresses { get; }

    /// <summary>The ids of its processes.</summary>
    internal abstract IReadOnlyList<int> ProcessIds { get; }

    internal void Start()
    {
        lock (_lock)
        {
            if (_running.IsCompleted)
            {
                var stop = new CancellationTokenSource();
                _cancel = stop.CancelAsync;
                _running = RunToTheEndAsync(stop.Token);
            }
        }
    }

    internal async Task StopAsync()
    {
        await _cancel();
        await _running;
    }

    internal async Task RestartAsync()
    {
        await StopAsync();
        Start();
    }

    /// <summary>Runs the resource until it ends by itself or is stopped; the last state is said by this.</summary>
    protected abstract Task RunAsync(CancellationToken stop);

    protected void Say(string stateName, HealthStatus? health = null, int? exitCode = null, string? reason = null) =>
        SayOf(Resource, stateName, health, exitCode, reason);

    protected void SayOf(Resource resource, string stateName, HealthStatus? health = null, int? exitCode = null, string? reason = null) =>
        Stack.Notifications.Publish(resource, new() { State = new(stateName, null), HealthStatus = health, ExitCode = exitCode, Reason = reason });

    /// <summary>How long to wait before the next start after so many that failed: 0.5 s doubled each time, at most 30 s.</summary>
    protected static TimeSpan Backoff(int failures) => TimeSpan.FromSeconds(Math.Min(0.5 * Math.Pow(2, failures - 1), 30));

    private async Task RunToTheEndAsync(CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            if (Resource.Waits.Count > 0)
            {
                Say(KnownResourceStates.Waiting);
                await Stack.WaitForDependenciesAsync(Resource, stop);
            }

            await RunAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Say(KnownResourceStates.Exited, reason: "stopped");
        }
        catch (Exception failure)
        {
            // Whatever it was, it concerns this resource: those who wait for it must hear of it, and the others go on.
            Say(KnownResourceStates.FailedToStart, reason: failure is DistributedApplicationException or InvalidOperationException ? failure.Message : failure.ToString());
        }
    }
}
