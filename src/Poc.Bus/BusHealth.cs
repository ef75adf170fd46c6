using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Poc.Bus;

/// <summary>
/// Whether the service is on the bus. MassTransit's own check calls a bus that has lost its broker "degraded", because its temporary endpoint, which is not used
/// here, stays "ready"; this one looks only at the queues the service reads.
/// </summary>
internal sealed class BusHealth(IBusControl bus) : IHealthCheck
{
    /// <summary>At least one queue is being read, or the service reads none: publishing is worth a try.</summary>
    public bool MayPublish => Queues() is var queues && (queues.Count == 0 || queues.Any(queue => queue.Value.Status == BusHealthStatus.Healthy));

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var missing = Queues().Where(queue => queue.Value.Status != BusHealthStatus.Healthy).Select(queue => $"{queue.Key}: {queue.Value.Description}").ToList();
        return Task.FromResult(missing.Count == 0
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "Not reading " + string.Join("; ", missing)));
    }

    /// <summary>By name, without host and virtual host.</summary>
    private Dictionary<string, EndpointHealthResult> Queues() => bus.CheckHealth().Endpoints
        .Where(endpoint => !endpoint.Key.EndsWith("?temporary=true", StringComparison.Ordinal))
        .ToDictionary(endpoint => endpoint.Key[(endpoint.Key.LastIndexOf('/') + 1)..], endpoint => endpoint.Value);
}
