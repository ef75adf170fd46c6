using Npgsql;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>
/// The group writer's own connection. The pool that everything else shares passes every connection around: the same large statement would run in twenty backends
/// by turns, each with a cold cache, and be planned anew each time.
/// </summary>
internal sealed class WriterConnection : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    /// <exception cref="InvalidOperationException">There is no connection string.</exception>
    public WriterConnection(IConfiguration configuration, ILoggerFactory loggers, TimeProvider clock)
    {
        var settings = new NpgsqlConnectionStringBuilder(configuration.GetConnectionString(IntakeHost.DatabaseName)
            ?? throw new InvalidOperationException($"There is no connection string: set ConnectionStrings:{IntakeHost.DatabaseName}."))
        {
            MaxPoolSize = 1, // one writer, one transaction at a time
            Timeout = 5,
            KeepAlive = 30,
            // Nothing in a submission changes the session, so there is nothing to reset; and its plan does not depend on the values.
            NoResetOnClose = true,
            Options = "-c plan_cache_mode=force_generic_plan",
            ApplicationName = "intake-writer",
        };
        _source = new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(loggers).Build();
        Database = new Database(_source, clock);
    }

    public Database Database { get; }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
