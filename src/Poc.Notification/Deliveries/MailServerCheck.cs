using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Poc.Notification.Deliveries;

/// <summary>Says that mail waits because its server is away. Never worse than degraded: calls and inboxes do not need it, and no mail is lost.</summary>
internal sealed class MailServerCheck(MailSender sender) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(sender.IsServerReachable ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("The mail server did not answer; mail waits."));
}
