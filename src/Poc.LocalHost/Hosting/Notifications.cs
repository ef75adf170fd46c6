using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The names of the states that a resource goes through.</summary>
public static class KnownResourceStates
{
    /// <summary>It is being started.</summary>
    public static readonly string Starting = nameof(Starting);

    /// <summary>It runs; whether it is healthy is said apart.</summary>
    public static readonly string Running = nameof(Running);

    /// <summary>It could not be started, or something it waits for could not.</summary>
    public static readonly string FailedToStart = nameof(FailedToStart);

    /// <summary>It is being stopped.</summary>
    public static readonly string Stopping = nameof(Stopping);

    /// <summary>It ended unasked.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>It ran to its end.</summary>
    public static readonly string Finished = nameof(Finished);

    /// <summary>It waits for another resource.</summary>
    public static readonly string Waiting = nameof(Waiting);

    /// <summary>It waits to be started by somebody.</summary>
    public static readonly string NotStarted = nameof(NotStarted);

    /// <summary>The states after which a resource does nothing more by itself.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

/// <summary>A state's name and, for a person to see, its style.</summary>
public sealed record ResourceStateSnapshot(string Text, string? Style);

/// <summary>How a resource stood at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>Its state; <see langword="null"/> before it has one.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>Its exit code once it has ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Its health; <see langword="null"/> while it does not run.</summary>
    public HealthStatus? HealthStatus { get; init; }

    /// <summary>Why it is in this state, where that is not plain.</summary>
    internal string? Reason { get; init; }
}

/// <summary>Says how a resource stands now.</summary>
public sealed class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Its id; the stand-in uses the name.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>How it stands.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}

/// <summary>Tells how resources stand, and waits until they stand as wished.</summary>
public sealed class ResourceNotificationService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Resource, CustomResourceSnapshot> _latest = [];
    private readonly ConcurrentDictionary<Channel<ResourceEvent>, bool> _watchers = new();

    /// <summary>Every change from now on, after the present state of each resource.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        lock (_lock)
        {
            foreach (var (resource, snapshot) in _latest)
            {
                channel.Writer.TryWrite(new(resource, resource.Name, snapshot));
            }

            _watchers[channel] = true;
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            _watchers.TryRemove(channel, out _);
        }
    }

    /// <summary>Waits until a resource is in a state.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        await WaitForResourceAsync(resourceName, change => change.Snapshot.State?.Text == (targetState ?? KnownResourceStates.Running), cancellationToken);

    /// <summary>Waits until a resource is in one of some states.</summary>
    /// <returns>The state it is in.</returns>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default) =>
        (await WaitForResourceAsync(resourceName, change => change.Snapshot.State is { } state && targetStates.Contains(state.Text), cancellationToken)).Snapshot.State!.Text;

    /// <summary>Waits until a condition holds for a resource.</summary>
    /// <returns>The event for which it held.</returns>
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (string.Equals(change.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(change))
            {
                return change;
            }
        }

        throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Waits until a resource runs and is healthy.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, change => change.Snapshot.HealthStatus == HealthStatus.Healthy, cancellationToken);

    internal CustomResourceSnapshot Latest(Resource resource)
    {
        lock (_lock)
        {
            return _latest.GetValueOrDefault(resource) ?? new();
        }
    }

    internal void Publish(Resource resource, CustomResourceSnapshot snapshot)
    {
        lock (_lock)
        {
            if (_latest.GetValueOrDefault(resource) == snapshot)
            {
                return;
            }

            _latest[resource] = snapshot;
            foreach (var watcher in _watchers.Keys)
            {
                watcher.Writer.TryWrite(new(resource, resource.Name, snapshot));
            }
        }
    }
}
