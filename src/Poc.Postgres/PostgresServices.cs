using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Poc.Kernel;

namespace Poc.Postgres;

/// <summary>Registration of what this project offers.</summary>
public static class PostgresServices
{
    /// <summary>Registers <see cref="Database"/>, <see cref="Inbox"/>, the system clock and <see cref="IdSource"/>, unless they are there. The data source is the caller's (<c>AddNpgsqlDataSource</c>).</summary>
    public static IServiceCollection AddPocPostgres(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IdSource>();
        services.TryAddSingleton<Database>();
        services.TryAddSingleton<Inbox>();
        return services;
    }
}
