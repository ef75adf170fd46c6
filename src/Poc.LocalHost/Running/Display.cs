using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Poc.LocalHost.Running;

/// <summary>What the launcher says on the terminal: progress until everything is ready, then a table, then only what changes.</summary>
internal sealed class Display(ResourceNotificationService notifications)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(20);
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _said = [];

    internal void Banner() => Line(
        "Poc on local processes: a stand-in for .NET Aspire, because the configured NuGet feeds do not offer Aspire or UseAspire=false was given.", time: false);

    internal void Line(string text) => Line(text, time: true);

    internal void Stopping() => Line("stopping");

    internal void Stopped() => Line("stopped, nothing left running");

    /// <summary>Begins to follow the resources.</summary>
    internal void Watch(Stack stack, CancellationToken stop)
    {
        _ = FollowAsync(stack, stop);
        _ = RemindAsync(stack, stop);
    }

    /// <summary>How a resource stands, in one word or two.</summary>
    internal static string Describe(Resource resource, CustomResourceSnapshot snapshot) => snapshot.State?.Text switch
    {
        null => "not started",
        var state when state == KnownResourceStates.Running && resource is ProjectResource { IsService: false } => "running",
        var state when state == KnownResourceStates.Running => snapshot.HealthStatus is HealthStatus.Healthy ? "ready" : "running, not healthy",
        var state when state == KnownResourceStates.Finished => string.Create(CultureInfo.InvariantCulture, $"finished ({snapshot.ExitCode})"),
        var state when state == KnownResourceStates.FailedToStart => "failed",
        var state when state == KnownResourceStates.Exited => "stopped",
        var state => state!.ToLowerInvariant(),
    };

    private async Task FollowAsync(Stack stack, CancellationToken stop)
    {
        var ready = false;
        try
        {
            await foreach (var change in notifications.WatchAsync(stop))
            {
                Say(change, ready);
                if (!ready && stack.Resources.Where(resource => resource is not ParameterResource).All(IsDone))
                {
                    ready = true;
                    Table(stack);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The stack is stopping; what happens from here is expected.
        }
    }

    private async Task RemindAsync(Stack stack, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Reminder, TimeProvider.System, stop);
                var pending = stack.Resources.Where(resource => resource is not ParameterResource and not PostgresDatabaseResource && !IsDone(resource))
                    .Select(resource => (resource.Name, Snapshot: notifications.Latest(resource))).Where(item => item.Snapshot.State is not null).ToList();
                foreach (var (name, snapshot) in pending.Where(item => item.Snapshot.State!.Text == KnownResourceStates.Starting || item.Snapshot.State.Text == KnownResourceStates.Running))
                {
                    Line($"{name}: still {snapshot.State!.Text.ToLowerInvariant()}{(snapshot.Reason is null ? "" : $" ({snapshot.Reason})")}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nothing to remind of any more.
        }
    }

    private void Say(ResourceEvent change, bool ready)
    {
        if (change.Resource is PostgresDatabaseResource)
        {
            return;
        }

        var text = Describe((Resource)change.Resource, change.Snapshot);
        var trouble = change.Snapshot.State!.Text == KnownResourceStates.FailedToStart || (change.Snapshot.Reason?.Contains("exit code", StringComparison.Ordinal) ?? false);
        lock (_lock)
        {
            var said = trouble ? $"{text}: {change.Snapshot.Reason}" : text;
            // On the way to the table every step is progress; afterwards only trouble and its end are news.
            if (_said.GetValueOrDefault(change.Resource.Name) == said || (!ready && !trouble && text is "running, not healthy" or "waiting"))
            {
                return;
            }

            _said[change.Resource.Name] = said;
            Line($"{change.Resource.Name,-14} {said}");
        }
    }

    private bool IsDone(Resource resource)
    {
        var snapshot = notifications.Latest(resource);
        return snapshot.HealthStatus is HealthStatus.Healthy || (snapshot.State?.Text == KnownResourceStates.Finished && snapshot.ExitCode == 0);
    }

    private void Table(Stack stack)
    {
        var rows = stack.Resources.Where(resource => resource is not ParameterResource and not PostgresDatabaseResource).Select(resource =>
            (resource.Name, State: Describe(resource, notifications.Latest(resource)), Addresses: string.Join("  ", stack.RunnerOf(resource.Name)?.Addresses ?? []))).ToList();
        Line(string.Create(CultureInfo.InvariantCulture, $"ready after {TimeProvider.System.GetElapsedTime(_start).TotalSeconds:0.0} s"), time: false);
        foreach (var (name, state, addresses) in rows)
        {
            Line($"  {name,-14} {state,-14} {addresses}", time: false);
        }

        Line($"  {"status page",-29} {stack.StatusAddress}", time: false);
        Line("  Ctrl-C stops everything.", time: false);
    }

    private void Line(string text, bool time)
    {
        lock (_lock)
        {
            Console.Out.WriteLine(time ? string.Create(CultureInfo.InvariantCulture, $"[{TimeProvider.System.GetElapsedTime(_start).TotalSeconds,6:0.0} s] {text}") : text);
        }
    }
}
