namespace Aspire.StackExchange.Redis;

/// <summary>
/// Settings of the Redis client, bound from the configuration section <c>Aspire:StackExchange:Redis</c>. Same members as the type of that name in
/// Aspire.StackExchange.Redis, but for tracing, which needs an instrumentation that is not used here.
/// </summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>The connection string (<c>host:port,password=…</c>); by default <c>ConnectionStrings:{name}</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>True leaves out the health check "redis". Default false.</summary>
    public bool DisableHealthChecks { get; set; }
}
