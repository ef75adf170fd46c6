using System.Globalization;
using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Poc.LocalHost.Processes;

namespace Poc.LocalHost.Running;

/// <summary>
/// Runs a project's replicas. A service (a project that listens) is started again when it ends unasked; a project that does not listen runs once.
/// </summary>
internal sealed class ProjectRunner(Stack stack, ProjectResource project) : ResourceRunner(stack, project)
{
    // A service that never once became healthy gives up after so many ends in a row, so that those who wait for it hear of it.
    private const int Attempts = 5;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(25);
    private static readonly HttpClient Probe = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10) })
    {
        Timeout = TimeSpan.FromSeconds(10),
        DefaultRequestVersion = HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private readonly Replica[] _replicas = [.. Enumerable.Range(1, project.Replicas).Select(number => new Replica(number))];

    internal override IReadOnlyList<string> LogFiles => [.. _replicas.Select(LogFile)];

    internal override IReadOnlyList<string> Addresses => [.. project.Endpoints.Select(endpoint => $"{endpoint.PublicUrl} ({endpoint.Name})")];

    internal override IReadOnlyList<int> ProcessIds => [.. _replicas.Select(replica => replica.Process).OfType<ChildProcess>().Where(process => !process.Exited.IsCompleted).Select(process => process.Identity.Pid)];

    /// <summary>The ports behind a public one, of the replicas that run.</summary>
    internal IReadOnlyList<int> TargetPorts(EndpointAnnotation endpoint) =>
        [.. _replicas.Where(replica => replica.Process is { Exited.IsCompleted: false }).Select(replica => replica.Ports[endpoint])];

    /// <summary>The environment of one replica, beside what it inherits from the launcher.</summary>
    internal IReadOnlyDictionary<string, string?> EnvironmentOf(int number, IReadOnlyDictionary<EndpointAnnotation, int> ports)
    {
        var values = new EnvironmentValues(Stack, ports);
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsLaunchers))
        {
            values[name] = null;
        }

        values["ASPNETCORE_ENVIRONMENT"] = values["DOTNET_ENVIRONMENT"] = Stack.Environment.EnvironmentName;
        SetTelemetry(values, number);
        var listening = project.Endpoints.Where(project.EndpointsInEnvironment).ToList();
        if (project.Files.HasKestrelEndpoints)
        {
            // Kestrel takes nothing but these once its settings name endpoints, so every endpoint is put there; for one that is not HTTP,
            // WithEndpointsInEnvironment keeps it out.
            foreach (var endpoint in listening)
            {
                values[$"Kestrel__Endpoints__{endpoint.Name}__Url"] = $"{endpoint.UriScheme}://localhost:{values.TargetPort(endpoint)}";
            }
        }
        else if (listening.Count > 0)
        {
            values["ASPNETCORE_URLS"] = string.Join(';', listening.Select(endpoint => $"{endpoint.UriScheme}://localhost:{values.TargetPort(endpoint)}"));
        }

        foreach (var set in project.Environment)
        {
            set(values);
        }

        foreach (var (name, value) in project.Files.LaunchEnvironment)
        {
            values.SetUnlessSet(name, Environment.ExpandEnvironmentVariables(value));
        }

        return values.Values;
    }

    protected override async Task RunAsync(CancellationToken stop)
    {
        if (!File.Exists(project.Files.Program))
        {
            throw new DistributedApplicationException($"{project.Files.Program} is not built: dotnet build Aspire.AppHost");
        }

        // All replicas or none: when one gives up, the others end too.
        using var group = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var runs = _replicas.Select(replica => RunReplicaAsync(replica, group, group.Token)).ToList();
        await Task.WhenAll(runs);
        var gaveUp = runs.Select(run => run.Result).FirstOrDefault(end => end.Reason is not null);
        if (gaveUp.Reason is not null)
        {
            Say(KnownResourceStates.FailedToStart, exitCode: gaveUp.ExitCode, reason: gaveUp.Reason);
        }
        else if (stop.IsCancellationRequested)
        {
            Say(KnownResourceStates.Exited, exitCode: runs[0].Result.ExitCode, reason: "stopped");
        }
        else
        {
            Say(KnownResourceStates.Finished, exitCode: runs.Max(run => run.Result.ExitCode));
        }
    }

    private async Task<(int ExitCode, string? Reason)> RunReplicaAsync(Replica replica, CancellationTokenSource group, CancellationToken stop)
    {
        var failures = 0;
        while (true)
        {
            Change(replica, KnownResourceStates.Starting, null, replica.Reason);
            replica.Ports = project.Endpoints.ToDictionary(endpoint => endpoint, _ => LoopbackPorts.Take());
            var process = replica.Process = ChildProcess.Start(new(project.Replicas == 1 ? project.Name : $"{project.Name}-{replica.Number}", Programs.Dotnet, [project.Files.Program])
            {
                WorkingFolder = project.Files.Folder,
                LogFile = LogFile(replica),
                Environment = EnvironmentOf(replica.Number, replica.Ports),
            }, Stack.Ledger);
            var wasHealthy = await WatchAsync(replica, process, stop);
            if (stop.IsCancellationRequested)
            {
                return (await process.StopAsync(StopPatience), null);
            }

            var code = await process.StopAsync(TimeSpan.Zero); // It has ended; this ends what it had started.
            if (!project.IsService)
            {
                return (code, null);
            }

            failures = wasHealthy ? 1 : failures + 1;
            var reason = $"{(project.Replicas == 1 ? "" : $"replica {replica.Number} ")}ended with exit code {code}";
            if (failures >= Attempts)
            {
                await group.CancelAsync();
                return (code, $"{reason} {failures} times before it was healthy. Last lines of {LogFile(replica)}: {string.Join(" | ", process.LastLines(4))}");
            }

            Change(replica, KnownResourceStates.Starting, null, $"{reason}, starting again");
            try
            {
                await Task.Delay(Backoff(failures), TimeProvider.System, stop);
            }
            catch (OperationCanceledException)
            {
                return (code, null);
            }
        }
    }

    // Until the process ends or is to be stopped; says whether it was healthy at any time.
    private async Task<bool> WatchAsync(Replica replica, ChildProcess process, CancellationToken stop)
    {
        var probed = project.HealthCheck is { } check ? ProbeAddress(check, replica) : null;
        Change(replica, KnownResourceStates.Running, probed is null ? HealthStatus.Healthy : HealthStatus.Unhealthy, null);
        var wasHealthy = probed is null && !project.IsService;
        var asked = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var wait = replica.Health is HealthStatus.Healthy ? Later : Soon;
            try
            {
                await process.Exited.WaitAsync(wait, TimeProvider.System, stop);
                return wasHealthy || (probed is null && TimeProvider.System.GetElapsedTime(asked) > TimeSpan.FromSeconds(10));
            }
            catch (OperationCanceledException)
            {
                return wasHealthy;
            }
            catch (TimeoutException)
            {
                if (probed is not null)
                {
                    var reason = await AskAsync(probed, stop);
                    wasHealthy |= reason is null;
                    if (!process.Exited.IsCompleted && !stop.IsCancellationRequested)
                    {
                        Change(replica, KnownResourceStates.Running, reason is null ? HealthStatus.Healthy : HealthStatus.Unhealthy, reason);
                    }
                }
            }
        }
    }

    private string ProbeAddress(HttpHealthCheck check, Replica replica)
    {
        var endpoint = check.EndpointName is { } name ? project.EndpointNamed(name)
            : project.Endpoints.Find(endpoint => endpoint.IsHttp) ?? throw new DistributedApplicationException($"{project.Name} has a health check and no HTTP endpoint.");
        return string.Create(CultureInfo.InvariantCulture, $"{endpoint.UriScheme}://localhost:{replica.Ports[endpoint]}{check.Path}");
    }

    private static async Task<string?> AskAsync(string address, CancellationToken stop)
    {
        try
        {
            using var answer = await Probe.GetAsync(address, stop);
            return answer.StatusCode is HttpStatusCode.OK ? null : $"{address} answers {(int)answer.StatusCode}: {Shortened(await answer.Content.ReadAsStringAsync(stop))}";
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return $"{address}: {failure.InnerException?.Message ?? failure.Message}";
        }
    }

    private static string Shortened(string text) => text.ReplaceLineEndings(" ") is var line && line.Length > 200 ? line[..200] + "…" : line;

    private void Change(Replica replica, string state, HealthStatus? health, string? reason)
    {
        lock (_replicas)
        {
            (replica.State, replica.Health, replica.Reason) = (state, health, reason);
            var all = Array.TrueForAll(_replicas, other => other.State == KnownResourceStates.Running);
            Say(all ? KnownResourceStates.Running : KnownResourceStates.Starting,
                all ? _replicas.Min(other => other.Health ?? HealthStatus.Unhealthy) : null,
                reason: _replicas.Select(other => other.Health is HealthStatus.Healthy ? null : other.Reason).FirstOrDefault(text => text is not null));
        }
    }

    private void SetTelemetry(EnvironmentValues values, int number)
    {
        values["OTEL_SERVICE_NAME"] = project.Name;
        values["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={project.Name}-{number}";
        if (Stack.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } collector)
        {
            values["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
            values["OTEL_EXPORTER_OTLP_PROTOCOL"] = Stack.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] ?? "grpc";
            if (Stack.Configuration["OTEL_EXPORTER_OTLP_HEADERS"] is { Length: > 0 } headers)
            {
                values["OTEL_EXPORTER_OTLP_HEADERS"] = headers;
            }
        }

        if (Stack.Environment.IsDevelopment())
        {
            // Short batches and every trace: a developer waits for them.
            values["OTEL_BLRP_SCHEDULE_DELAY"] = values["OTEL_BSP_SCHEDULE_DELAY"] = values["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            values["OTEL_TRACES_SAMPLER"] = "always_on";
            values["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        }
    }

    // What "dotnet run" and the launch profile of the AppHost set for the launcher itself would mislead its children.
    private static bool IsLaunchers(string name) =>
        name is "ASPNETCORE_URLS" or "ASPNETCORE_HTTP_PORTS" or "ASPNETCORE_HTTPS_PORTS" or "DOTNET_LAUNCH_PROFILE" or "UseAspire" or "StateFolder"
        || name.StartsWith("ASPIRE_", StringComparison.Ordinal) || name.StartsWith("DOTNET_DASHBOARD_", StringComparison.Ordinal)
        || name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Parameters__", StringComparison.Ordinal);

    private string LogFile(Replica replica) => Stack.State.LogOf(project.Replicas == 1 ? project.Name : string.Create(CultureInfo.InvariantCulture, $"{project.Name}-{replica.Number}"));

    private sealed class Replica(int number)
    {
        public int Number { get; } = number;

        public Dictionary<EndpointAnnotation, int> Ports { get; set; } = [];

        public ChildProcess? Process { get; set; }

        public string State { get; set; } = KnownResourceStates.NotStarted;

        public HealthStatus? Health { get; set; }

        public string? Reason { get; set; }
    }
}
