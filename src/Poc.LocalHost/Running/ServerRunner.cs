using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Poc.LocalHost.Servers;

namespace Poc.LocalHost.Running;

/// <summary>Runs a server of the machine, makes its databases, and starts it again on the same port when it ends unasked.</summary>
internal sealed class ServerRunner(Stack stack, ServerResource resource, Func<ServerResource, CancellationToken, Task<LocalServer>> start, IReadOnlyList<PostgresDatabaseResource> databases)
    : ResourceRunner(stack, resource)
{
    private LocalServer? _server;

    internal override IReadOnlyList<string> LogFiles => [Stack.State.LogOf(Resource.Name)];

    internal override IReadOnlyList<string> Addresses => _server switch
    {
        null => [],
        RabbitMqServer rabbit => [Plain("amqp", rabbit.Port), Plain("http", rabbit.ManagementPort)],
        PostgresServer postgres => [Plain("postgresql", postgres.Port)],
        _ => [Plain("redis", _server.Port)],
    };

    internal override IReadOnlyList<int> ProcessIds => _server is { Pid: > 0 and var pid } ? [pid] : [];

    protected override async Task RunAsync(CancellationToken stop)
    {
        var failures = 0;
        try
        {
            while (true)
            {
                SayAll(KnownResourceStates.Starting, null, null);
                if (_server is null)
                {
                    _server = await start(resource, stop);
                }
                else
                {
                    await _server.StartAgainAsync(stop);
                }

                foreach (var database in databases)
                {
                    await ((PostgresServer)_server).EnsureDatabaseAsync(database.DatabaseName, stop);
                }

                SayAll(KnownResourceStates.Running, HealthStatus.Healthy, null);
                failures = await WatchAsync(stop) ? 1 : failures + 1;
                await _server.KillAsync(); // What the ended process left of itself.
                var code = await _server.Exited;
                SayAll(KnownResourceStates.Starting, null, $"ended with exit code {code}, starting again");
                await Task.Delay(Backoff(failures), TimeProvider.System, stop);
            }
        }
        finally
        {
            if (_server is not null)
            {
                await _server.StopAsync();
            }
        }
    }

    // True when it had run long enough not to count as failing again and again.
    private async Task<bool> WatchAsync(CancellationToken stop)
    {
        var since = TimeProvider.System.GetTimestamp();
        var wait = Later;
        while (true)
        {
            await Task.WhenAny(_server!.Exited, Task.Delay(wait, TimeProvider.System, stop));
            stop.ThrowIfCancellationRequested();
            if (_server.Exited.IsCompleted)
            {
                return TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromMinutes(1);
            }

            var reason = await _server.CheckAsync(stop);
            wait = reason is null ? Later : Soon;
            SayAll(KnownResourceStates.Running, reason is null ? HealthStatus.Healthy : HealthStatus.Unhealthy, reason);
        }
    }

    private void SayAll(string stateName, HealthStatus? health, string? reason)
    {
        Say(stateName, health, reason: reason);
        foreach (var database in databases)
        {
            SayOf(database, stateName, health, reason: reason);
        }
    }

    private static string Plain(string scheme, int port) => string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{port}");
}
