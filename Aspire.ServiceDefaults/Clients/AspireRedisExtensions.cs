using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>The Redis client under Aspire's name and signature.</summary>
public static class AspireRedisExtensions
{
    private const string ConfigurationSection = "Aspire:StackExchange:Redis";

    /// <summary>
    /// Registers one <see cref="IConnectionMultiplexer"/> for <c>ConnectionStrings:{connectionName}</c>. A service starts without Redis and connects when it
    /// appears; the health check "redis" says whether it is there.
    /// </summary>
    /// <remarks>
    /// Where the connection string does not say otherwise: a failed first connection is no error (<c>abortConnect=false</c>) and is waited for once, 2 s at
    /// most; 1 s an operation: Redis holds nothing that must not be lost, so a caller is better served without it than by waiting for it.
    /// </remarks>
    /// <exception cref="InvalidOperationException">There is no connection string; thrown when the multiplexer is first asked for.</exception>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        var settings = new StackExchangeRedisSettings();
        builder.Configuration.GetSection(ConfigurationSection).Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            if (string.IsNullOrWhiteSpace(settings.ConnectionString))
            {
                throw new InvalidOperationException(
                    $"There is no connection string: set ConnectionStrings:{connectionName} or {ConfigurationSection}:ConnectionString.");
            }

            var options = ConfigurationOptions.Parse(
                $"abortConnect=false,connectRetry=1,connectTimeout=2000,syncTimeout=1000,asyncTimeout=1000,{settings.ConnectionString}");
            options.LoggerFactory = services.GetService<ILoggerFactory>();
            configureOptions?.Invoke(options);
            return ConnectionMultiplexer.Connect(options);
        });

        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                "redis", static services => new RedisHealthCheck(services), HealthStatus.Unhealthy, [Health.Ready], TimeSpan.FromSeconds(5)));
        }
    }

    // Takes the container, not the multiplexer: the first connection may take its time-out, which belongs into the check and not into its construction.
    private sealed class RedisHealthCheck(IServiceProvider services) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync().WaitAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception problem) when (problem is RedisException or TimeoutException)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, "Redis does not answer.", problem);
            }
        }
    }
}
