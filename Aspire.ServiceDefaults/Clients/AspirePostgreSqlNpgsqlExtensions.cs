using Aspire.Npgsql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>The PostgreSQL client under Aspire's name and signature.</summary>
public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string ConfigurationSection = "Aspire:Npgsql";

    /// <summary>
    /// Registers one <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:{connectionName}</c>. Nothing is connected before the first use, so that a
    /// service starts without its database; the health check "postgres" says whether it is there.
    /// </summary>
    /// <remarks>
    /// Where the connection string does not say otherwise: at most 20 connections a process (a server's default is 100 for all services and replicas together,
    /// and two cores do their best work with about 16), 5 s to connect or to get one from the pool, a keepalive every 30 s so that half-open links are noticed,
    /// and the 30 statements that a connection runs most are prepared.
    /// Multiplexing stays off: transactions own their connection.
    /// </remarks>
    /// <exception cref="InvalidOperationException">There is no connection string; thrown when the data source is first asked for.</exception>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        var settings = Settings(builder, connectionName, configureSettings);
        var connectionString = Present(settings, connectionName, out var check);
        builder.Services.AddNpgsqlDataSource(connectionString, dataSource =>
        {
            check();
            configureDataSourceBuilder?.Invoke(dataSource);
        });
        Observe(builder, settings, "postgres", static services => services.GetRequiredService<NpgsqlDataSource>());
    }

    /// <summary>
    /// Registers one more <see cref="NpgsqlDataSource"/> under the key <paramref name="name"/>, for <c>ConnectionStrings:{name}</c>; otherwise as
    /// <see cref="AddNpgsqlDataSource"/>. Its health check is "postgres_{name}".
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no connection string; thrown when the data source is first asked for.</exception>
    public static void AddKeyedNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string name,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        var settings = Settings(builder, name, configureSettings);
        var connectionString = Present(settings, name, out var check);
        builder.Services.AddNpgsqlDataSource(
            connectionString,
            dataSource =>
            {
                check();
                configureDataSourceBuilder?.Invoke(dataSource);
            },
            serviceKey: name);
        Observe(builder, settings, $"postgres_{name}", services => services.GetRequiredKeyedService<NpgsqlDataSource>(name));
    }

    private static NpgsqlSettings Settings(IHostApplicationBuilder builder, string name, Action<NpgsqlSettings>? configure)
    {
        var settings = new NpgsqlSettings();
        builder.Configuration.GetSection(ConfigurationSection).Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(name) ?? settings.ConnectionString;
        configure?.Invoke(settings);
        return settings;
    }

    private static string Present(NpgsqlSettings settings, string name, out Action check)
    {
        var present = !string.IsNullOrWhiteSpace(settings.ConnectionString);
        check = () =>
        {
            if (!present)
            {
                throw new InvalidOperationException($"There is no connection string: set ConnectionStrings:{name} or {ConfigurationSection}:ConnectionString.");
            }
        };
        return present ? WithDefaults(settings.ConnectionString!) : "";
    }

    private static void Observe(IHostApplicationBuilder builder, NpgsqlSettings settings, string checkName, Func<IServiceProvider, NpgsqlDataSource> source)
    {
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                checkName, services => new NpgsqlHealthCheck(source(services)), HealthStatus.Unhealthy, [Health.Ready], TimeSpan.FromSeconds(5)));
        }

        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(static tracing => tracing.AddNpgsql());
        }

        if (!settings.DisableMetrics)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(static metrics => metrics.AddMeter("Npgsql"));
        }
    }

    private static string WithDefaults(string connectionString)
    {
        var parsed = new NpgsqlConnectionStringBuilder(connectionString);
        Default("Maximum Pool Size", 20);
        Default("Timeout", 5);
        Default("Keepalive", 30);
        Default("Max Auto Prepare", 30);
        return parsed.ConnectionString;

        void Default(string keyword, int value)
        {
            if (!parsed.ShouldSerialize(keyword))
            {
                parsed[keyword] = value;
            }
        }
    }

    private sealed class NpgsqlHealthCheck(NpgsqlDataSource source) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var command = source.CreateCommand("SELECT 1");
                await command.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (NpgsqlException problem)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, "PostgreSQL does not answer.", problem);
            }
        }
    }
}
