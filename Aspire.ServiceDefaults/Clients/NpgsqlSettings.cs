namespace Aspire.Npgsql;

/// <summary>
/// Settings of the PostgreSQL client, bound from the configuration section <c>Aspire:Npgsql</c>. Same members as the type of that name in Aspire.Npgsql.
/// </summary>
public class NpgsqlSettings
{
    /// <summary>The connection string; by default <c>ConnectionStrings:{name}</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>True leaves out the health check "postgres". Default false.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>True leaves out the driver's traces. Default false.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>True leaves out the driver's metrics. Default false.</summary>
    public bool DisableMetrics { get; set; }
}
