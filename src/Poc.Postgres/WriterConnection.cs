using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Poc.Postgres;

/// <summary>
/// A group writer's own connection. The pool that everything else shares passes every connection around: the same large statement would run in twenty backends
/// by turns, each with a cold cache, and be planned anew each time.
/// </summary>
public sealed class WriterConnection : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    /// <summary>A connection that is opened when it is first used.</summary>
    /// <param name="name">Name of the connection string.</param>
    /// <param name="configuration">Has it.</param>
    /// <param name="loggers">For the driver's lines.</param>
    /// <param name="clock">For pauses between retries.</param>
    /// <exception cref="InvalidOperationException">There is no connection string.</exception>
    public WriterConnection(string name, IConfiguration configuration, ILoggerFactory loggers, TimeProvider clock)
    {
        var settings = new NpgsqlConnectionStringBuilder(
            configuration.GetConnectionString(name) ?? throw new InvalidOperationException($"There is no connection string: set ConnectionStrings:{name}."))
        {
            MaxPoolSize = 1, // one writer, one transaction at a time
            Timeout = 5,
            KeepAlive = 30,
            MaxAutoPrepare = 10, // the same few statements again and again
            AutoPrepareMinUsages = 2,
            // Nothing in what it stores changes the session, so there is nothing to reset; and its plan does not depend on the values.
            NoResetOnClose = true,
            Options = "-c plan_cache_mode=force_generic_plan",
            ApplicationName = $"{name}-writer",
        };
        _source = new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(loggers).Build();
        Database = new Database(_source, clock);
    }

    /// <summary>Units of work on it.</summary>
    public Database Database { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
